<?php
/* WordPress from Debian's package, without a file of its own to configure it. The environment says where
   it lies (WP_FOLDER), where it is served (WP_ADDRESS), MariaDB's socket (WP_SOCKET) and a folder of its
   own (WP_CONTENT). It never calls out: no updates, no mail, no cron. */
unset($_SERVER['PATH_INFO']);
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
define('ABSPATH', rtrim(getenv('WP_FOLDER'), '/') . '/');
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('DB_HOST', 'localhost:' . getenv('WP_SOCKET'));
define('DB_NAME', 'wordpress');
define('DB_PASSWORD', '');
define('DB_USER', 'wordpress');
define('DISABLE_WP_CRON', true);
define('WP_CONTENT_DIR', getenv('WP_CONTENT'));
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HOME', getenv('WP_ADDRESS'));
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_SITEURL', getenv('WP_ADDRESS'));
$table_prefix = 'wp_';
function wp_mail() {}
require ABSPATH . 'wp-settings.php';
