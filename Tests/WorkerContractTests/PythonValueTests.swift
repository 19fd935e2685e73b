import Testing
import WorkerContract

struct PythonValueTests {
  /// Each: a hyperparameter, Python's `str` of its value, and its `json.dumps`.
  @Test(arguments: [
    ("3", "3", "3"), ("-0", "0", "0"), ("-0.0", "-0.0", "-0.0"), ("1E5", "100000.0", "100000.0"),
    ("1e15", "1000000000000000.0", "1000000000000000.0"), ("1e16", "1e+16", "1e+16"),
    ("123456789012345680.0", "1.2345678901234568e+17", "1.2345678901234568e+17"),
    ("0.0001", "0.0001", "0.0001"), ("0.00001", "1e-05", "1e-05"), ("1.5e-7", "1.5e-07", "1.5e-07"),
    ("5e-324", "5e-324", "5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e+308"),
    ("0.1", "0.1", "0.1"), ("100.0", "100.0", "100.0"), ("12.50", "12.5", "12.5"), ("NaN", "nan", "NaN"),
    ("007", "007", "\"007\""), ("1_000", "1_000", "\"1_000\""), ("1.", "1.", "\"1.\""), ("[1", "[1", "\"[1\""),
    ("[1 , {\"a\" : null}]", "[1, {'a': None}]", "[1,{\"a\":null}]"),
    ("{\"b\":1,\"a\":2}", "{'b': 1, 'a': 2}", "{\"a\":2,\"b\":1}"),
    ("\"\\ud800\"", "\"\\ud800\"", "\"\\\"\\\\ud800\\\"\""),
  ])
  func `a hyperparameter becomes what Python makes of it`(_ text: String, _ str: String, _ json: String) {
    let value = PythonValue(hyperparameter: text)
    #expect(value.str == str)
    #expect(value.jsonText == json)
  }

  @Test func `nesting without end stays a text`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(PythonValue(hyperparameter: text) == .text(text))
  }
}
