#include "tools/qeval/html/page_constants.h"

namespace qeval {

// A and B are blue and vermilion of the palette of M. Okabe and K. Ito, which readers with any colour vision tell
// apart; shapes differ, too.
constinit const OwnMarkup page_style = R"css(
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--band:#f6f8fa;--a:#0067a5;
--b:#b84a00;--c:#00755a;--d:#8a4c8f;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e6e9ed;--soft:#a3acb6;--line:#3a424b;--band:#1e2329;
--a:#62b4ec;--b:#ff9a5c;--c:#4cc9a4;--d:#d79bdb;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .3rem}
h2{font-size:1.25rem;margin:2.6rem 0 .7rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.8rem 0 .5rem}
h1,h2,h3,p,li,caption{overflow-wrap:anywhere}
p{margin:.5rem 0;max-width:48rem}
.soft,figcaption,caption{color:var(--soft);font-size:.9rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:1rem 0;list-style:none;font-size:.93rem}
.verdict{border-left:4px solid var(--line);background:var(--band);padding:.7rem 1rem;margin:.7rem 0;max-width:none}
.verdict.worse{border-color:var(--b)}.verdict.better{border-color:var(--c)}
.half{border:2px solid var(--b);padding:.6rem 1rem;margin:1rem 0;max-width:none}
.scroll{overflow:auto;max-height:34rem;margin:.6rem 0}
table{min-width:min(100%,32rem);border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums;
border-bottom:1px solid var(--soft)}
caption{text-align:left;padding:.2rem 0 .45rem;caption-side:top}
th,td{text-align:left;padding:.28rem .9rem .28rem 0;vertical-align:top;max-width:24rem;overflow-wrap:break-word}
.words th,.words td{max-width:36rem}
th[scope=row]{font-weight:400;min-width:8.5rem}
thead th{border-top:1px solid var(--soft);border-bottom:1px solid var(--soft);background:var(--paper);position:sticky;
top:0;vertical-align:bottom}
thead tr>*{white-space:normal!important}
tbody tr:nth-child(even)>*{background:var(--band)}
.n1 tr>:nth-child(1),.n2 tr>:nth-child(2),.n3 tr>:nth-child(3),.n4 tr>:nth-child(4),.n5 tr>:nth-child(5),
.n6 tr>:nth-child(6),.n7 tr>:nth-child(7),.n8 tr>:nth-child(8),.n9 tr>:nth-child(9),.n10 tr>:nth-child(10),
.n11 tr>:nth-child(11),.n12 tr>:nth-child(12),.n13 tr>:nth-child(13),
.n14 tr>:nth-child(14){text-align:right;white-space:nowrap}
th span{cursor:pointer}
th span::after{content:"\a0\2195";color:var(--soft)}
th[aria-sort=ascending] span::after{content:"\a0\2191"}
th[aria-sort=descending] span::after{content:"\a0\2193"}
.search{display:flex;flex-wrap:wrap;gap:.5rem;align-items:baseline;font-size:.9rem}
.search input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:3px;
padding:.15rem .4rem}
td img{display:block;width:auto;height:auto;max-width:64px;max-height:64px}
body{counter-reset:figure}
figure{margin:1rem 0;counter-increment:figure}
figcaption::before{content:"Figure " counter(figure) ". ";font-weight:600}
figcaption{max-width:48rem}
.chart{overflow-x:auto}
.chart svg{display:block;width:100%;min-width:34rem;height:auto}
svg text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;
font-variant-numeric:tabular-nums}
svg .soft{fill:var(--soft);font-size:12px}
svg .end{text-anchor:end}svg .middle{text-anchor:middle}
svg path{fill:none;stroke-width:2}
svg .grid{stroke:var(--line);stroke-width:1}svg .zero{stroke:var(--soft);stroke-width:1;stroke-dasharray:4 3}
svg .s0{stroke:var(--a)}svg .s1{stroke:var(--b)}svg .s2{stroke:var(--c)}svg .s3{stroke:var(--d)}
svg .f0{fill:var(--a)}svg .f1{fill:var(--b)}svg .f2{fill:var(--c)}svg .f3{fill:var(--d)}
svg .dots{stroke-width:5;stroke-linecap:round}svg .dots.few{stroke-width:9}
svg.bar{width:11rem;height:.9rem;min-width:11rem}svg.bar path{stroke-width:4}
pre{overflow:auto;max-height:34rem;background:var(--band);padding:.8rem;font:.82rem/1.45 ui-monospace,"DejaVu Sans Mono",
monospace}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--band:#f4f4f4;--a:#0067a5;--b:#b84a00;
--c:#00755a;--d:#8a4c8f;--link:#000}
body{max-width:none;padding:0;font-size:10pt}
nav,.search,.skip,th span::after{display:none}
.scroll,pre{max-height:none;overflow:visible}
thead th{position:static}
figure,.verdict,tr{break-inside:avoid}h2,h3,h2+p,h3+p,caption{break-after:avoid}
.long tbody tr:nth-child(n+31){display:none}
table{font-size:8pt}table:not(.long){break-inside:avoid}th,td{padding-right:.6rem}
.chart svg{min-width:0}
}
@media screen{.printed{display:none}}
)css";

constinit const OwnMarkup page_script = R"js(
"use strict";
const number=t=>{const n=parseFloat(t.replace(/[,%+]/g,"").replace("\u2212","-"));return isNaN(n)?-Infinity:n};
const words=new Intl.Collator("en",{numeric:true}).compare;
for(const table of document.querySelectorAll("table.sortable")){
const body=table.tBodies[0],heads=[...table.tHead.rows[0].cells];
if(body.rows.length<3)continue;
heads.forEach((head,column)=>{const button=document.createElement("span");button.tabIndex=0;
button.setAttribute("role","button");button.append(...head.childNodes);head.append(button);
const order=table.classList.contains("n"+(column+1))?(a,b)=>number(a)-number(b)||0:words;
const sort=()=>{const up=head.getAttribute("aria-sort")!=="ascending";
heads.forEach(other=>other.removeAttribute("aria-sort"));
head.setAttribute("aria-sort",up?"ascending":"descending");
const rows=[...body.rows].map(row=>[row.cells[column].textContent,row]);
rows.sort((a,b)=>up?order(a[0],b[0]):order(b[0],a[0]));
body.append(...rows.map(row=>row[1]))};
button.addEventListener("click",sort);
button.addEventListener("keydown",event=>{if(event.key==="Enter"||event.key===" "){event.preventDefault();sort()}})});
if(body.rows.length<10)continue;
const box=document.createElement("div"),label=document.createElement("label"),input=document.createElement("input"),
count=document.createElement("span");
box.className="search";input.type="search";count.setAttribute("role","status");count.className="soft";
label.append("Search ",input);box.append(label,count);
(table.closest(".scroll")??table).before(box);
input.addEventListener("input",()=>{const wanted=input.value.toLowerCase();let shown=0;
for(const row of body.rows){row.hidden=!row.textContent.toLowerCase().includes(wanted);if(!row.hidden)++shown}
count.textContent=wanted?shown+" of "+body.rows.length+" rows":""})}
for(const box of document.querySelectorAll(".scroll,.chart"))
if(box.scrollHeight<=box.clientHeight&&box.scrollWidth<=box.clientWidth)box.removeAttribute("tabindex");
)js";

}  // namespace qeval
