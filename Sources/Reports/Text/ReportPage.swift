/// What all HTML reports share.
enum ReportPage {
  /// Nothing is ever loaded from elsewhere, whatever a text in the report tries.
  static let policy =
    #"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; "#
    + #"style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">"#

  /// Light and dark, by the reader's system or by `data-theme` on the root.
  static let colours = """
    :root{color-scheme:light;--back:#fff;--panel:#f3f4f6;--text:#1b1f24;--dim:#57606a;--edge:#d0d7de;--mark:#0b57d0;
    --good:#1b7f3b;--bad:#b3261e;--hit:#ffd33d}
    :root[data-theme=dark]{color-scheme:dark;--back:#14171b;--panel:#1e2329;--text:#e6e9ec;--dim:#9aa4af;--edge:#3a424b;
    --mark:#8ab4f8;--good:#57c27a;--bad:#ff8a80;--hit:#8a6d00}
    @media (prefers-color-scheme:dark){:root:not([data-theme]){color-scheme:dark;--back:#14171b;--panel:#1e2329;
    --text:#e6e9ec;--dim:#9aa4af;--edge:#3a424b;--mark:#8ab4f8;--good:#57c27a;--bad:#ff8a80;--hit:#8a6d00}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--back);color:var(--text);font:15px/1.45 system-ui,"DejaVu Sans",sans-serif}
    kbd{border:1px solid var(--edge);border-radius:3px;padding:0 .3em;font-size:.85em}
    :focus-visible{outline:2px solid var(--mark);outline-offset:1px}
    """
}
