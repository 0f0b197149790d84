/* What the page holds; read by `start`. */

let bundle = null;
let records = [];
const byId = (id) => document.getElementById(id);
