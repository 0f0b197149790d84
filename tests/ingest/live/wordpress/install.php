<?php
/* Makes the site anew, without the posts that come with one, and its clerk; prints the clerk's
   application password. */
define('WP_INSTALLING', true);
$database = mysqli_connect('localhost', 'wordpress', '', '', 0, getenv('WP_SOCKET'));
mysqli_query($database, 'DROP DATABASE IF EXISTS wordpress');
mysqli_query($database, 'CREATE DATABASE wordpress');
function wp_install_defaults() {}
require __DIR__ . '/wordpress.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('City of Testville', 'clerk', 'clerk@test.invalid', true, '', 'not-used');
update_option('permalink_structure', '/%postname%/');
update_option('timezone_string', 'America/Chicago');
echo WP_Application_Passwords::create_new_application_password(1, ['name' => 'archive'])[0];
