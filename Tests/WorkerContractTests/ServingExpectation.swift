/// What sagemaker-inference 1.10.1 and the context and encoding of multi-model-server 1.1.11 (Python 3.11, numpy 2.4) made
/// of requests. Recorded by writing each script to `inference.py`, calling `Transformer.validate_and_initialize` and
/// `Transformer.transform` with `mms.context.Context` and a `RequestProcessor` of the headers, and passing the result to
/// `create_predict_response`, whose bytes go to the server's HTTP side. `message` is what an error's body has before the
/// traceback, `lastLine` the last line of it. `numpy`: the answer is so only where numpy is installed. Bytes are
/// characters U+0000 to U+00FF. In the scripts the toolkit's own error class is replaced by one like it.
enum ServingExpectation {
  static let json = ##"""
    {
      "cases": [
        {
          "answer": "('str', 'application/json', 10) application/json",
          "body": "{\"a\": \"\u00c3\u00a9\"}",
          "contentType": "application/json",
          "name": "a JSON body is text",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "text/csv",
          "answer": "('str', 'text/csv', 3) text/csv",
          "body": "1,2",
          "contentType": "text/csv",
          "name": "a CSV body is text",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "text/csv"
        },
        {
          "accept": "text/plain",
          "answer": "('bytes', 'text/plain', 5) text/plain",
          "body": "words",
          "contentType": "text/plain",
          "name": "a plain text body is bytes",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "text/plain"
        },
        {
          "answer": "('bytes', 'application/json; charset=utf-8', 2) application/json",
          "body": "{}",
          "contentType": "application/json; charset=utf-8",
          "name": "parameters make another content type",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "*/*",
          "answer": "('bytes', None, 3) application/json",
          "body": "abc",
          "name": "no content type",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "text/html, application/json",
          "answer": "('bytes', 'application/octet-stream', 3) text/html, application/json",
          "body": "abc",
          "contentType": "application/octet-stream",
          "name": "several accepted types reach output_fn as they are",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 200,
          "type": "text/html, application/json"
        },
        {
          "body": "\u00ff",
          "contentType": "application/json",
          "lastLine": "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
          "message": "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
          "name": "JSON that is no UTF-8",
          "numpy": false,
          "phrase": "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return repr((type(body).__name__ if not isinstance(body, bytearray) else 'bytes', content_type, len(body)))\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return prediction + ' ' + accept\n",
          "status": 500
        },
        {
          "accept": "application/json",
          "answer": "[[1.5, 2.0], [3.0, 4.0]]",
          "body": "[[1.5, 2], [3, 4]]",
          "contentType": "application/json",
          "name": "defaults decode and encode JSON",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "application/json",
          "answer": "[[1, 2], [3, 4]]",
          "body": "1,2\n3,4\n",
          "contentType": "text/csv",
          "name": "defaults decode CSV",
          "numpy": true,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "application/json",
          "answer": "[1.5, 2]",
          "body": "1.5,2",
          "contentType": "text/csv",
          "name": "defaults decode one CSV line",
          "numpy": true,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "text/csv",
          "answer": "1.5,2.5\n3.5,4.5\n",
          "body": "[[1.5, 2.5], [3.5, 4.5]]",
          "contentType": "application/json",
          "name": "defaults encode CSV",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "text/csv"
        },
        {
          "accept": "text/csv",
          "answer": "1.5\n2.5\n",
          "body": "[1.5, 2.5]",
          "contentType": "application/json",
          "name": "defaults encode a list as CSV",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "text/csv"
        },
        {
          "accept": "application/json",
          "answer": "[[1, 2], [3, 4]]",
          "body": "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }                                                          \n\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
          "contentType": "application/x-npy",
          "name": "defaults decode NPY",
          "numpy": true,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "accept": "application/x-npy",
          "answer": "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }                                                          \n\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
          "body": "[[1, 2], [3, 4]]",
          "contentType": "application/json",
          "name": "defaults encode NPY",
          "numpy": true,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/x-npy"
        },
        {
          "accept": "text/html, text/csv;q=1, application/json",
          "answer": "[1.5]",
          "body": "[1.5]",
          "contentType": "application/json",
          "name": "the first accepted type that is known",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "body": "x",
          "contentType": "image/png",
          "lastLine": "            serialize the response. For more information, see the SageMaker Python SDK README.",
          "message": "Content type image/png is not supported by this framework.\n\n            Please implement input_fn to to deserialize the request data or an output_fn to\n            serialize the response. For more information, see the SageMaker Python SDK README.",
          "name": "an unknown content type",
          "numpy": false,
          "phrase": "Content type image/png is not supported by this framework.              Please implement input_fn to to deserialize the request data or an output_fn to             serialize the response. For more information, see the SageMaker Python SDK README.",
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 500
        },
        {
          "accept": "image/png",
          "body": "[1]",
          "contentType": "application/json",
          "lastLine": "            serialize the response. For more information, see the SageMaker Python SDK README.",
          "message": "Content type image/png is not supported by this framework.\n\n            Please implement input_fn to to deserialize the request data or an output_fn to\n            serialize the response. For more information, see the SageMaker Python SDK README.",
          "name": "an unknown accepted type",
          "numpy": false,
          "phrase": "Content type image/png is not supported by this framework.              Please implement input_fn to to deserialize the request data or an output_fn to             serialize the response. For more information, see the SageMaker Python SDK README.",
          "script": "def model_fn(model_dir):\n    return 7\ndef predict_fn(data, model):\n    return data\n",
          "status": 500
        },
        {
          "body": "[1]",
          "contentType": "application/json",
          "lastLine": "See documentation for predict_fn at https://sagemaker.readthedocs.io/en/stable/",
          "message": "\nPlease provide a predict_fn implementation.\nSee documentation for predict_fn at https://sagemaker.readthedocs.io/en/stable/\n",
          "name": "no predict_fn",
          "numpy": false,
          "phrase": " Please provide a predict_fn implementation. See documentation for predict_fn at https://sagemaker.readthedocs.io/en/stable/ ",
          "script": "def model_fn(model_dir):\n    return 7\n",
          "status": 500
        },
        {
          "answer": "7 x,y text/csv application/json",
          "body": "x,y",
          "contentType": "text/csv",
          "name": "transform_fn",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef transform_fn(model, body, content_type, accept):\n    return '%s %s %s %s' % (model, body, content_type, accept)\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "answer": "\u0000\u00ff",
          "body": "x",
          "contentType": "text/csv",
          "name": "transform_fn answers body and type",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef transform_fn(model, body, content_type, accept):\n    return b'\\x00\\xff', 'image/png'\n",
          "status": 200,
          "type": "image/png"
        },
        {
          "accept": "application/json",
          "answer": "abc",
          "body": "x",
          "contentType": "text/csv",
          "name": "output_fn answers body and type",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return b'abc', 'text/x-own'\n",
          "status": 200,
          "type": "text/x-own"
        },
        {
          "answer": "{\n  \"a\": [\n    1,\n    null,\n    \"\\u00e9\"\n  ]\n}",
          "body": "x",
          "contentType": "text/csv",
          "name": "an answer that is a dictionary",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return {'a': [1, None, '\u00e9']}\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "answer": "3.5",
          "body": "x",
          "contentType": "text/csv",
          "name": "an answer that is a number",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return 3.5\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "answer": "null",
          "body": "x",
          "contentType": "text/csv",
          "name": "an answer that is None",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return None\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "answer": "ab",
          "body": "x",
          "contentType": "text/csv",
          "name": "an answer that is a bytearray",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return bytearray(b'ab')\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "body": "x",
          "contentType": "text/csv",
          "name": "an answer that cannot be sent",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type):\n    return body\ndef predict_fn(data, model):\n    return data\ndef output_fn(prediction, accept):\n    return object()\n",
          "status": 503
        },
        {
          "accept": "application/json",
          "answer": "[true, \"a=1\", [\"batch_size\", \"gpu_id\", \"model_dir\", \"server_name\", \"server_version\"], 1, null, \"model\"]",
          "attributes": "a=1",
          "body": "{}",
          "contentType": "application/json",
          "headers": {
            "X-Amzn-SageMaker-Custom-Attributes": "b=2"
          },
          "name": "the context's calls",
          "numpy": false,
          "phrase": "Taken",
          "script": "def model_fn(model_dir):\n    return 7\ndef input_fn(body, content_type, context):\n    return context\ndef predict_fn(data, model, context):\n    return [context is data, context.get_request_header(0, 'X-Amzn-SageMaker-Custom-Attributes'), sorted(context.system_properties), context.system_properties['batch_size'], context.system_properties['gpu_id'], context.model_name]\ndef output_fn(prediction, accept, context):\n    context.set_response_header(0, 'X-Amzn-SageMaker-Custom-Attributes', 'b=2')\n    context.set_response_status(202, 'Taken')\n    context.set_response_content_type(0, 'text/never')\n    return __import__('json').dumps(prediction)\n",
          "status": 202,
          "type": "application/json"
        },
        {
          "accept": "application/json",
          "answer": "[\"x\", 7]",
          "body": "x",
          "contentType": "text/csv",
          "name": "decorated functions",
          "numpy": false,
          "script": "def model_fn(model_dir):\n    return 7\ndef loose(function):\n    def inner(*arguments, **named):\n        return function(*arguments, **named)\n    return inner\n@loose\ndef input_fn(body, content_type):\n    return body\n@loose\ndef predict_fn(data, model):\n    return [data, model]\n",
          "status": 200,
          "type": "application/json"
        },
        {
          "body": "x",
          "contentType": "text/csv",
          "lastLine": "good",
          "message": "no\ngood",
          "name": "an exception",
          "numpy": false,
          "phrase": "no good",
          "script": "def model_fn(model_dir):\n    return 7\ndef transform_fn(model, body, content_type, accept):\n    raise ValueError('no\\ngood')\n",
          "status": 500
        },
        {
          "body": "x",
          "contentType": "text/csv",
          "lastLine": "KeyError",
          "message": "Invalid Request",
          "name": "an exception without a message",
          "numpy": false,
          "phrase": "Invalid Request",
          "script": "def model_fn(model_dir):\n    return 7\ndef transform_fn(model, body, content_type, accept):\n    raise KeyError()\n",
          "status": 500
        },
        {
          "body": "x",
          "contentType": "text/csv",
          "lastLine": "sagemaker_inference.errors.BaseInferenceToolkitError: (422, 'too blurred', 'Unprocessable')",
          "message": "too blurred",
          "name": "an error with its own status",
          "numpy": false,
          "phrase": "Unprocessable",
          "script": "def model_fn(model_dir):\n    return 7\nclass BaseInferenceToolkitError(Exception):\n    def __init__(self, status_code, message, phrase):\n        self.status_code = status_code\n        self.message = message\n        self.phrase = phrase\n        super().__init__(status_code, message, phrase)\ndef transform_fn(model, body, content_type, accept):\n    raise BaseInferenceToolkitError(422, 'too blurred', 'Unprocessable')\n",
          "status": 422
        }
      ]
    }
    """##
}
