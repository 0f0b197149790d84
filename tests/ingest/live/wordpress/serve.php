<?php
/* The router of `php -S`: what begins with a dash is a script beside this one, all else WordPress'. */
$script = preg_match('#^/-(install|call)$#', $_SERVER['REQUEST_URI'], $found) ? $found[1] : '';
if ($script) {
    require __DIR__ . "/$script.php";
} else {
    require __DIR__ . '/wordpress.php';
    wp();
}
