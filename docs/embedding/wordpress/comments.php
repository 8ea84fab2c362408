<?php
if (!defined('ABSPATH')) exit;
echo commentdesk_element();
