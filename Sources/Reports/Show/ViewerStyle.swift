/// The looks of a `PageReport`.
enum ViewerStyle {
  static let text = """
    html,body{height:100%}
    body{display:flex;flex-direction:column}
    header{display:flex;gap:1em;align-items:baseline;padding:.5em 1em;border-bottom:1px solid var(--edge)}
    h1{font-size:1.1em;margin:0;overflow-wrap:anywhere}
    h2{font-size:1em;margin:.8em 0 .3em}
    #summary{margin:0;color:var(--dim);flex:1}
    .skip{position:absolute;left:-999em}
    .skip:focus{left:0;top:0;background:var(--back);padding:.5em;z-index:1}
    #layout{flex:1;display:flex;min-height:0}
    nav{width:19em;flex:none;overflow:auto;padding:.7em;background:var(--panel);border-right:1px solid var(--edge)}
    main{flex:1;min-width:0;display:flex;flex-direction:column;padding:.5em 1em;overflow:auto}
    button,select,input[type=search]{font:inherit;color:inherit;background:var(--back);border:1px solid var(--edge);
    border-radius:4px;padding:.15em .6em}
    button[aria-pressed=true],button[aria-current]{border-color:var(--mark);color:var(--mark)}
    nav input[type=search]{width:100%}
    nav label{display:block}
    fieldset{border:1px solid var(--edge);border-radius:4px;margin:.6em 0 0;padding:.2em .6em}
    #found{color:var(--dim);font-size:.9em;display:block;min-height:1.4em}
    #hits,#pages{list-style:none;margin:0;padding:0}
    #hits{max-height:32vh;overflow:auto}
    #hits button,#pages button{width:100%;text-align:left;border-color:transparent;background:none;
    overflow-wrap:anywhere;padding:.2em .4em}
    #hits button:hover,#pages button:hover{background:var(--back)}
    #hits button[aria-current],#pages button[aria-current]{background:var(--back);border-color:var(--mark)}
    #hits small,#pages small{color:var(--dim);display:block}
    #tools{display:flex;flex-wrap:wrap;gap:.3em}
    #status{margin:.3em 0;color:var(--dim)}
    #stage{flex:1 0 22em;min-height:0;width:100%;background:#777;border:1px solid var(--edge);cursor:grab;
    touch-action:none;user-select:none}
    #stage.drag{cursor:grabbing}
    #stage polygon{fill-opacity:.08;stroke-width:1.6;vector-effect:non-scaling-stroke}
    #stage .void polygon{stroke-dasharray:6 4}
    #stage .word:hover polygon{fill-opacity:.3}
    #stage .hit polygon{fill:#ffd33d;fill-opacity:.4}
    #stage .now polygon{stroke:#d00000;stroke-width:4}
    #stage text{font-family:"DejaVu Sans",sans-serif;paint-order:stroke;stroke:#fff;stroke-linejoin:round}
    #stage polyline{fill:none;stroke:#444;stroke-opacity:.7;vector-effect:non-scaling-stroke}
    #stage.notexts text,#stage.noboxes polygon{display:none}
    details{margin:.4em 0}
    #transcript{max-height:30vh;overflow:auto;white-space:pre-wrap}
    .keys{color:var(--dim);font-size:.85em;margin:.2em 0}
    @media (max-width:50em){#layout{flex-direction:column}nav{width:auto;max-height:40vh;border-right:0}}
    """
}
