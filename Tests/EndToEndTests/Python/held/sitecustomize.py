"""With this folder in PYTHONPATH every botocore session of a program, whoever makes it (the SageMaker SDK, the aws command, a
notebook's kernel), holds all answers against botocore's own models. HTR_FAULTS names the file that is told: a line for
each answer, and one for each fault."""

import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent))


def check(http_response, model, **_):
    faults = []
    protocol = model.service_model.resolved_protocol
    if model.service_model.service_name == "s3":
        import checked_storage
        checked_storage.hold(http_response, model, faults)
    elif protocol == "json":
        import checked_client
        checked_client.hold(http_response, model, model.service_model.metadata["jsonVersion"], faults)
    elif protocol == "query":
        import checked_query
        checked_query.hold(http_response, model, faults)
    elif model.service_model.service_name != "sagemaker-runtime":
        # The runtime's answers are the model's own, whose members are headers.
        faults.append(f"{model.name}: nobody holds answers in {protocol} against the model")
    with open(os.environ["HTR_FAULTS"], "a") as file:
        print("answer", model.service_model.service_name, model.name, http_response.status_code, file=file)
        for fault in faults:
            print("fault", fault.replace("\n", " "), file=file)


try:
    import botocore.session
except ImportError:
    pass  # A Python without botocore, such as the one that pip runs in.
else:
    original = botocore.session.Session.__init__

    def patched(self, *arguments, **options):
        original(self, *arguments, **options)
        # Clients of a session begin with copies of its handlers.
        self.register("after-call.*.*", check)

    botocore.session.Session.__init__ = patched
