"""pip install 'moto[stepfunctions]': moto_run.py DEFINITION INPUT"""
import os
import sys
import time

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
import boto3
from moto import mock_aws

asl, inp = open(sys.argv[1]).read(), open(sys.argv[2]).read()
with mock_aws(config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
    if "function:sleep100" in asl:
        # moto runs Lambda code in Docker, or answers a fixed text: here, the task itself
        import moto.awslambda_simple.models as simple

        def invoke(self, *a, **k):
            time.sleep(0.1)
            return b'{"ok":true}'
        simple.LambdaSimpleBackend.invoke = invoke
        import io
        import zipfile
        iam = boto3.client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        buf = io.BytesIO()
        with zipfile.ZipFile(buf, "w") as z:
            z.writestr("m.py", "def h(e, c): return {'ok': True}")
        boto3.client("lambda").create_function(FunctionName="sleep100", Runtime="python3.11", Role=role,
                                               Handler="m.h", Code={"ZipFile": buf.getvalue()})
    sfn = boto3.client("stepfunctions")
    t0 = time.perf_counter()
    arn = sfn.create_state_machine(name="m", definition=asl,
                                   roleArn="arn:aws:iam::123456789012:role/r")["stateMachineArn"]
    t1 = time.perf_counter()
    ex = sfn.start_execution(stateMachineArn=arn, input=inp)["executionArn"]
    while True:
        d = sfn.describe_execution(executionArn=ex)
        if d["status"] != "RUNNING":
            break
        time.sleep(0.005)
    print(f"BENCH exec_s={time.perf_counter() - t1} create_s={t1 - t0}", file=sys.stderr)
    if d["status"] != "SUCCEEDED":
        print(d["status"], d.get("error"), str(d.get("cause"))[:300], file=sys.stderr)
        os._exit(1)
    print(d["output"])
    sys.stdout.flush()
    os._exit(0)
