"""pip install ministack: ministack_run.py DEFINITION INPUT, with its own server for the run.

MINISTACK names the `ministack` command; the Lambda of the h workloads is one of its own
(a Python function that sleeps 100 ms).
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import awsapi

asl = pathlib.Path(sys.argv[1]).read_text()
inp = pathlib.Path(sys.argv[2]).read_text()
PORT = 14566
home = tempfile.mkdtemp(prefix="ministack-")
env = {**os.environ, "GATEWAY_PORT": str(PORT), "BIND_HOST": "127.0.0.1", "LOG_LEVEL": "ERROR",
       "MINISTACK_ACCOUNT_ID": "123456789012", "HOME": home, "TMPDIR": home}
log = open(os.path.join(home, "log"), "w")
server = subprocess.Popen([os.environ.get("MINISTACK", "ministack")], env=env, stdout=log, stderr=log)
code = 1
try:
    awsapi.wait_port(PORT, 30, lambda: server.poll() is None)
    if "function:sleep100" in asl:
        import io
        import zipfile

        import boto3
        kw = dict(endpoint_url=f"http://127.0.0.1:{PORT}", region_name="us-east-1",
                  aws_access_key_id="123456789012", aws_secret_access_key="x")
        buf = io.BytesIO()
        with zipfile.ZipFile(buf, "w") as z:
            z.writestr("m.py", "import time\ndef h(e, c):\n    time.sleep(0.1)\n    return {'ok': True}\n")
        lam = boto3.client("lambda", **kw)
        lam.create_function(FunctionName="sleep100", Runtime="python3.11", Handler="m.h",
                            Role="arn:aws:iam::123456789012:role/r", Code={"ZipFile": buf.getvalue()})
        asl = asl.replace("123456789012:function", os.environ.get("ACCT", "123456789012") + ":function")
    d = awsapi.run(PORT, asl, inp, [server.pid])
    if d["status"] == "SUCCEEDED":
        print(d["output"])
        code = 0
    else:
        print(d["status"], d.get("error"), str(d.get("cause"))[:300], file=sys.stderr)
finally:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
sys.exit(code)
