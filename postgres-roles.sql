-- Run once, by PostgreSQL's container of docker-compose.yml when its volume is new: each database
-- has a role of its own, with the password that `make secrets` made.
\set ledger `cat /run/secrets/ledger_password`
\set articles `cat /run/secrets/articles_password`
CREATE ROLE ledger LOGIN PASSWORD :'ledger';
CREATE ROLE articles LOGIN PASSWORD :'articles';
CREATE DATABASE ledger OWNER ledger ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE articles OWNER articles ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE ledger, articles, postgres FROM PUBLIC;
