import { parseIni, printIni, firstLineNotUtf8 } from "../src/aws/ini.ts";
import { readAsJavaScript, readAsPython } from "../src/aws/ini_readers.ts";
const text=Array.from({ length: 10000 }, (_, index) => `# team ${index % 17}
[profile-${index}]
aws_access_key_id = ASIA${String(index).padStart(16, "0")}
aws_secret_access_key = ${"s".repeat(40)}
aws_session_token = ${"t".repeat(300)}
aws_session_expiration = 2027-01-15T09:30:00+0000
region = us-east-1
`).join("\n");
const T=(n:string,f:()=>unknown)=>{f();const t=performance.now();for(let i=0;i<3;i++)f();console.log(n,((performance.now()-t)/3).toFixed(1))};
const lines=parseIni(text);
T("parse",()=>parseIni(text));T("match",()=>text.match(/[^\n]*\n|[^\n]+$/g));T("print",()=>printIni(lines));T("py",()=>readAsPython(lines));T("js",()=>readAsJavaScript(text));T("utf8",()=>firstLineNotUtf8(text));T("cr",()=>/\r(?!\r*(?:\n|$))/.exec(text));
T("ends",()=>text.match(/[^\n]*\n|[^\n]+$/g)!.map(w=>/\r*\n$|\r+$/.exec(w)));
T("split",()=>text.split("\n").map(w=>w.split(/(?:^|\s)[;#]/)));
T("esc",()=>text.search(/(?<![\ud800-\udbff])[\udc80-\udcff]/));
