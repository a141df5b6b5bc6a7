import{p as t,b as r,c as i,j as l,u as d,k as n,y as c,G as p,J as h}from"./index-hRtZ29--.js";var u=p(`<div class="study s-16o7332"><h1 class="s-16o7332">Study</h1> <p class="s-16o7332">Designs, surveys and trials are run from the command line and from Python in this version; their screen comes here.</p> <pre class="s-16o7332">azygos trial --help
azygos analyse --help
azygos audit --help</pre> <button>Back to the body</button></div>`);function m(a,e){t(e,!0);var s=u(),o=r(i(s),6);l("click",o,()=>d("body")),n(a,s),c()}h(["click"]);export{m as default};
