// Copies the chart library, unchanged and with its licence, to where the page takes it from: npm ci && npm run vendor
import { copyFileSync } from "node:fs";

const from = "node_modules/echarts/";
const to = "wwwroot/vendor/";
copyFileSync(`${from}dist/echarts.esm.min.mjs`, `${to}echarts.js`);
copyFileSync(`${from}LICENSE`, `${to}echarts.LICENSE`);
copyFileSync(`${from}NOTICE`, `${to}echarts.NOTICE`);
copyFileSync("node_modules/zrender/LICENSE", `${to}zrender.LICENSE`);
