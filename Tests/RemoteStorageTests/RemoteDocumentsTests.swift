import Signing
import Testing

@testable import RemoteStorage

/// S3's documents as its API Reference prints them.
@Suite struct RemoteDocumentsTests {
  @Test func `a listing of AWS is understood`() throws {
    let text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
        <Name>quotes</Name><Prefix>E</Prefix><StartAfter>ExampleGuide.pdf</StartAfter><KeyCount>2</KeyCount>
        <MaxKeys>3</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
        <Contents><Key>Example+Object%2B1.txt</Key><LastModified>2013-09-17T18:07:53.000Z</LastModified>
          <ETag>&quot;599bab3ed2c697f1d26842727561fd94&quot;</ETag><Size>857</Size>
          <Owner><ID>75aa</ID></Owner><StorageClass>REDUCED_REDUNDANCY</StorageClass></Contents>
        <Contents><Key>E%C3%A4/%00</Key><ETag>"x-2"</ETag><Size>0</Size></Contents>
      </ListBucketResult>
      """
    let listing = try RemoteDocuments.listing(Array(text.utf8))
    #expect(listing.isTruncated)
    #expect(
      listing.objects == [
        RemoteObject(key: "Example Object+1.txt", size: 857, entityTag: "599bab3ed2c697f1d26842727561fd94"),
        RemoteObject(key: "Eä/\0", size: 0, entityTag: "x-2"),
      ])
  }

  @Test func `keys of a store that escapes nothing stay as they are`() throws {
    let text =
      "<ListBucketResult><Contents><Key>a+b%20c</Key><ETag>t</ETag><Size>1</Size></Contents></ListBucketResult>"
    #expect(try RemoteDocuments.listing(Array(text.utf8)).objects.map(\.key) == ["a+b%20c"])
  }

  @Test(arguments: [
    "", "<html><body>Hello</body></html>", "{}",
    "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
  ])
  func `what is no listing is refused`(_ text: String) {
    #expect(throws: (any Error).self) { try RemoteDocuments.listing(Array(text.utf8)) }
  }

  @Test func `an error's code is found, and none in what is no error`() {
    let error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    #expect(RemoteDocuments.text(of: "Code", in: Array(error.utf8), root: "Error") == "AccessDenied")
    #expect(RemoteDocuments.text(of: "Code", in: Array("<html/>".utf8), root: "Error") == nil)
    #expect(RemoteDocuments.text(of: "Code", in: Array("nonsense".utf8), root: "Error") == nil)
  }

  @Test(arguments: [
    ("https://s3.eu-central-1.amazonaws.com", true), ("http://127.0.0.1:9000/", true), ("http://[::1]:9000", true),
    ("ftp://a", false), ("https://", false), ("https://a/path", false), ("https://user@a", false),
    ("minio:9000", false),
  ])
  func `an endpoint is scheme, host and port`(_ text: String, _ isFine: Bool) {
    let place = RemotePlace(
      endpoint: text, region: "us-east-1", credentials: .init(accessKeyId: "A", secretAccessKey: "S"))
    #expect((place != nil) == isFine)
  }
}
