import { editIni } from "../src/aws/ini_edit.ts";
const credentials=(count:number)=>Array.from({ length: count }, (_, index) => `# team ${index % 17}
[profile-${index}]
aws_access_key_id = ASIA${String(index).padStart(16, "0")}
aws_secret_access_key = ${"s".repeat(40)}
aws_session_token = ${"t".repeat(300)}
aws_session_expiration = 2027-01-15T09:30:00+0000
region = us-east-1
`).join("\n");
const text=credentials(Number(Deno.args[0]??1000));
for (let i=0;i<Number(Deno.args[1]??20);i++){const t=performance.now(); editIni({ kind: "credentials", path: "c" }, text, [{profile:"profile-5", set:[["aws_access_key_id","X"]]}]); if(i<3||i==19)console.log(performance.now()-t);}
