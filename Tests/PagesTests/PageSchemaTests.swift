import Foundation
import HostKit
import Testing

@testable import Pages

/// What we write, before the judges of others: PAGE's and ALTO's schemas, and the checker of the hOCR specification.
@Suite struct PageSchemaTests {
  /// Prints "valid", or why not; "absent: ..." where a judge is not installed. The schemas are not ours to keep here:
  /// `ops/test` puts them beside the interpreter.
  private static let script = """
    import importlib.util, os, sys
    kind, path, schemas = sys.argv[1:4]
    try:
        from lxml import etree
        # Only found, not imported: its schemas are wanted, not what it depends on.
        packages = importlib.util.find_spec('ocrd_validators').submodule_search_locations[0]
        from hocr_spec import HocrValidator
    except Exception as error:
        print('absent:', error); sys.exit()
    class Local(etree.Resolver):
        def resolve(self, url, name, context):
            if url.endswith('xlink.xsd'):
                return self.resolve_filename(os.path.join(packages, 'xlink.xsd'), context)
    if kind == 'hocr':
        etree.parse(path, etree.XMLParser(no_network=True))
        report = HocrValidator('standard').validate(path)
        print('valid' if report.is_valid() else report.format('text')); sys.exit()
    schema = os.path.join(packages, 'page.xsd') if kind == 'page-xml' else os.path.join(schemas, 'alto-4-2.xsd')
    if not os.path.exists(schema):
        print('absent:', schema); sys.exit()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    judge = etree.XMLSchema(etree.parse(schema, parser))
    print('valid' if judge.validate(etree.parse(path)) else judge.error_log)
    """

  @Test(.timeLimit(.minutes(1)), arguments: [PageFormat.alto, .pageXML, .hocr])
  func `what is written agrees with the published schema`(_ format: PageFormat) throws {
    let environment = ProcessInfo.processInfo.environment
    guard let python = Judge.find(environment["HTR_TEST_PYTHON"] ?? "python3") else {
      print("skipped: no Python to check \(format.rawValue) with")
      return
    }
    let folder = try FormatFolder()
    let script = try folder.write("judge.py", Array(Self.script.utf8))
    let schemas = environment["HTR_TEST_SCHEMAS"] ?? ""
    var turned = WrittenPages.letter
    turned.rotation = 270
    for (index, page) in [WrittenPages.letter, turned, WrittenPages.empty, WrittenPages.odd].enumerated() {
      let file = try folder.write(
        "\(index).\(format.fileExtension)", PageWriter.file([WrittenPages.printed(page)], as: format))
      let verdict = try Judge.run(python, [script, format.rawValue, file, schemas], in: folder)
      if verdict.output.hasPrefix("absent") {
        print("skipped: \(format.rawValue) was not checked, \(verdict.output)")
        return
      }
      #expect(verdict.output == "valid\n", "page \(index): \(verdict.faults)")
    }
  }
}
