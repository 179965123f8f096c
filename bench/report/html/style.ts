/** The page's style sheet: light, dark, phone and print. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfaf7;--card:#fff;--ink:#1c2024;--soft:#5c6670;--hair:#dfe2e4;--http:#0b6e87;--grpc:#c2410c;--http2:#4457b8;--connect:#7a5195;--bad:#b3261e;--good:#1b6e3c}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1c2024;--ink:#e8e9ea;--soft:#9aa5b1;--hair:#333a41;--http:#4cc3de;--grpc:#ff9a62;--http2:#93a3ff;--connect:#cf9fe6;--bad:#ff8a80;--good:#6fd698}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:clamp(1.7rem,5vw,2.5rem);line-height:1.15;margin:0 0 6px;letter-spacing:-.02em}
h2{font-size:1.3rem;margin:44px 0 6px;letter-spacing:-.01em}
h3{font-size:1rem;margin:18px 0 4px}
h2+p,.lede{color:var(--soft);margin:0 0 14px;max-width:74ch}
.meta{color:var(--soft);margin:0 0 20px;font-size:.93rem}
.badge{display:inline-block;border:1px solid currentColor;border-radius:99px;padding:1px 11px;font-size:.85rem;font-weight:600}
.badge.good{color:var(--good)}.badge.bad{color:var(--bad)}
.answer{background:var(--card);border:1px solid var(--hair);border-left:5px solid var(--http);border-radius:8px;padding:18px 22px;font-size:1.22rem;line-height:1.45;font-weight:600;margin:0 0 16px}
.invalid{border:1px solid var(--bad);border-radius:8px;padding:12px 18px;margin:0 0 16px}.invalid summary{color:var(--bad);font-weight:600}
ul.verdict{padding:0;margin:0;list-style:none;display:grid;gap:8px}
ul.verdict li{background:var(--card);border:1px solid var(--hair);border-radius:8px;padding:9px 14px;display:grid;grid-template-columns:96px 1fr;gap:12px}
ul.verdict b{color:var(--soft);font-size:.78rem;text-transform:uppercase;letter-spacing:.05em;font-weight:600;padding-top:3px}
.card{background:var(--card);border:1px solid var(--hair);border-radius:8px;padding:16px 18px;margin:0 0 14px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.88rem;color:var(--soft);margin:0 0 10px}
.legend i{display:inline-block;width:11px;height:11px;border-radius:99px;margin-right:6px;background:currentColor;vertical-align:-1px}
.legend .http i{background:var(--http)}.legend .grpc i{background:var(--grpc)}.legend .dash i{background:none;border-top:2px dashed var(--soft);height:0;border-radius:0;width:18px;vertical-align:4px}
.plot{display:grid}
.row{display:grid;grid-template-columns:25% 1fr 215px;gap:16px;align-items:stretch}.row>div{padding:4px 0;align-self:center}.row>.canvas{position:relative;min-height:30px;align-self:stretch}.canvas svg{position:absolute;inset:0;height:100%}
.row .label{font-size:.92rem;line-height:1.25}.row small{display:block;color:var(--soft);font-size:.8rem}
.row .figures{font-variant-numeric:tabular-nums;font-size:.86rem;text-align:right}.row .figures span{display:block}
svg{width:100%;display:block;overflow:visible}
svg text{font-size:10.5px;fill:var(--soft)}
.grid{stroke:var(--hair);stroke-width:1}.mark{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:3 3}
.dot line{stroke-width:2.5;stroke-linecap:round;opacity:.55}.dot circle{stroke-width:2}
.dot.http,.line.http{color:var(--http)}.dot.grpc,.line.grpc{color:var(--grpc)}.dot.http2{color:var(--http2)}.dot.connect{color:var(--connect)}.dot.none{color:var(--soft)}
.dot line,.line line{stroke:currentColor}.dot circle{fill:currentColor;stroke:currentColor}
.line line{stroke-width:2}.line circle{fill:currentColor}.line.dashed line{stroke-dasharray:3 4;opacity:.75}
.axis{font-size:.78rem;color:var(--soft)}.axis .ticks{position:relative;height:18px}.axis .ticks span{position:absolute;transform:translateX(-50%);white-space:nowrap}
.axis p{margin:0;text-align:center}
.smalls{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:22px 34px;padding-right:12px}
figure{margin:0}figcaption{font-size:.9rem;font-weight:600;margin-bottom:8px}
.scroll{overflow-x:auto;margin:0 0 8px}
table{border-collapse:collapse;font-size:.86rem;width:100%;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:600;font-size:.8rem;vertical-align:bottom}
th,td{padding:5px 10px 5px 0;border-bottom:1px solid var(--hair);white-space:nowrap}td:first-child{white-space:normal;min-width:15em}
.n{text-align:right}td.n{font-variant-numeric:tabular-nums}
details{margin:6px 0}summary{cursor:pointer;color:var(--soft);font-size:.92rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0;font-size:.92rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
label{display:inline-flex;flex-direction:column;font-size:.85rem;color:var(--soft);margin:0 18px 12px 0}
input,select{font:inherit;padding:6px 10px;border:1px solid var(--hair);border-radius:6px;background:var(--bg);color:var(--ink);width:11em}
output{display:block;font-weight:600;margin-top:4px}
@media (max-width:680px){main{padding:18px 14px 40px}.row{grid-template-columns:1fr;gap:0;margin:0 6px 8px}.row .figures{text-align:left;color:var(--soft);padding-top:0}.row .label{padding-bottom:0}.row.foot{margin-top:-6px}.row.foot div:empty{display:none}ul.verdict li{grid-template-columns:1fr;gap:0}.answer{font-size:1.08rem;padding:14px 16px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}.card{padding:13px}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--hair:#ccc;--http:#0b6e87;--grpc:#c2410c;--http2:#4457b8;--connect:#7a5195;--bad:#b3261e;--good:#1b6e3c}html{font-size:10.5px}body{font-size:1rem}main{max-width:none;padding:0}.card{padding:8px 10px}h2{margin-top:22px}.card,figure,li,.row,tr{break-inside:avoid}h2{break-after:avoid}.scroll{overflow:visible}table,th{font-size:7px}td:first-child{min-width:9em}th,td{padding:2px 5px 2px 0;white-space:normal}details::details-content{content-visibility:visible;height:auto;display:block}summary{list-style:none;color:var(--ink);font-weight:600}.noprint{display:none}}
`;
