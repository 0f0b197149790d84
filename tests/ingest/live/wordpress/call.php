<?php
/* Calls functions of WordPress, as its clerk: JSON is posted, [[name, argument, ...], ...]; prints
   what they gave, as JSON. */
require __DIR__ . '/wordpress.php';
wp_set_current_user(1);
$given = array_map(
    fn ($call) => call_user_func_array($call[0], array_slice($call, 1)),
    json_decode(file_get_contents('php://input'), true)
);
header('Content-Type: application/json');
echo json_encode($given);
