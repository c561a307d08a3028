import { editIni } from "../src/aws/ini_edit.ts";
const set=(i:number)=>[["aws_access_key_id","ASIA"+i],["aws_secret_access_key","s".repeat(36)+i],["aws_session_token","t".repeat(300)+i],["aws_session_expiration","2027-01-15T09:30:00+0000"],["aws_security_token","t".repeat(300)+i],["region","us-east-1"],["x_security_token_expires","2027"],["x_principal_arn","arn:aws:x"+i]] as const;
let text="";
for (const n of [+(Deno.args[0])]) { 
 const edits=Array.from({length:n},(_, i)=>({profile:"p"+i,set:set(i)}));
 let t=performance.now(); const e=editIni({kind:"credentials",path:"c"},"",edits); const t1=performance.now()-t;
 const edits2=Array.from({length:n},(_, i)=>({profile:"p"+i,set:set(i+10000)}));
 t=performance.now(); editIni({kind:"credentials",path:"c"},e.text,edits2); console.log(n,"new",t1.toFixed(0),"replace",(performance.now()-t).toFixed(0));
}
