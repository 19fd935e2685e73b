import JSONKit

/// The HTML around the pages of a `PageReport`.
enum ViewerPage {
  /// Everything before the pages.
  static func start(title: String) -> String {
    let title = Markup.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(ReportPage.policy)
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(ReportPage.colours)
      \(ViewerStyle.text)
      </style>
      </head>
      <body>
      <a class="skip" href="#stage">Skip to the page</a>
      <header>
      <h1>\(title)</h1>
      <p id="summary"></p>
      <button type="button" id="theme" aria-pressed="false">Dark</button>
      </header>
      \(body)

      """
  }

  /// Everything behind the pages.
  static func end(note: String?) -> String {
    """
    <script type="application/json" id="note">\(Markup.scriptSafe(JSON.string(note ?? "").text))</script>
    <noscript><p>This report needs JavaScript to show its pages.</p></noscript>
    <script>
    \(ViewerScript.text)
    </script>
    </body>
    </html>

    """
  }

  private static let body = """
    <div id="layout">
    <nav aria-label="Search and pages">
    <form id="search" role="search">
    <label for="query">Search words <kbd>/</kbd></label>
    <input id="query" type="search" autocomplete="off" spellcheck="false">
    <output id="found" for="query" aria-live="polite"></output>
    </form>
    <ol id="hits" aria-label="Words found"></ol>
    <label for="kind">Words</label>
    <select id="kind">
    <option value="all">all</option>
    <option value="readable">readable only</option>
    <option value="void">unreadable only</option>
    </select>
    <fieldset id="sources"><legend>Sources</legend></fieldset>
    <h2 id="pages-title">Pages</h2>
    <ol id="pages" aria-labelledby="pages-title"></ol>
    </nav>
    <main>
    <div id="tools" role="toolbar" aria-label="View">
    <button type="button" data-act="previous" title="Page before ([)">&#8592; Page</button>
    <button type="button" data-act="next" title="Next page (])">Page &#8594;</button>
    <button type="button" data-act="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
    <button type="button" data-act="out" title="Zoom out (-)" aria-label="Zoom out">&#8722;</button>
    <button type="button" data-act="fit" title="Whole page (0)">Fit</button>
    <button type="button" data-act="texts" title="Texts (t)" aria-pressed="true">Texts</button>
    <button type="button" data-act="boxes" title="Polygons (b)" aria-pressed="true">Polygons</button>
    <button type="button" data-act="order" title="Order of the words (o)" aria-pressed="false">Order</button>
    <button type="button" data-act="sure" title="Colour by confidence (c)" aria-pressed="false">Confidence</button>
    </div>
    <p id="status" aria-live="polite"></p>
    <svg id="stage" tabindex="0" role="img" aria-label="The page"></svg>
    <details><summary>Text of the page</summary><div id="transcript"></div></details>
    <p class="keys">Keys: <kbd>/</kbd> search, <kbd>Enter</kbd> next hit, <kbd>[</kbd> <kbd>]</kbd> pages,
    <kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd> zoom, arrows move, <kbd>t</kbd> <kbd>b</kbd> <kbd>o</kbd> <kbd>c</kbd> what is
    drawn. Wheel zooms, dragging moves.</p>
    </main>
    </div>
    """
}
