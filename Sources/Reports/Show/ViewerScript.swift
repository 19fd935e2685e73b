/// What moves in a `PageReport`. Texts reach the document as text nodes and attributes only, never as markup.
enum ViewerScript {
  static let text = #"""
    "use strict";
    (() => {
      const [TEXT, READABLE, LINE, SURE, SHAPE, PLACE, BYLINE, BYSURE] = [0, 1, 2, 3, 4, 5, 6, 7];
      const find = id => document.getElementById(id);
      const svg = (name, attributes = {}, text) => fill(
        document.createElementNS("http://www.w3.org/2000/svg", name), attributes, text);
      const html = (name, attributes = {}, text) => fill(document.createElement(name), attributes, text);
      function fill(element, attributes, text) {
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        if (text !== undefined) element.textContent = text;
        return element;
      }
      const pages = [...document.querySelectorAll("script.page")].map((element, index) => {
        const page = JSON.parse(element.textContent);
        page.index = index;
        element.remove();
        return page;
      });
      const stage = find("stage"), query = find("query");
      const shown = {texts: true, boxes: true, order: false, sure: false};
      let listed = [], hits = [], hit = -1, current = -1, view = null, elements = [];

      const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
      function setCurrent(element, isCurrent) {
        if (isCurrent) element.setAttribute("aria-current", "true"); else element.removeAttribute("aria-current");
      }
      const sourceOf = page => page.source || "(no source)";
      const fits = word => find("kind").value === "all" || (find("kind").value === "readable") === word[READABLE];
      // The page with room for texts above its upper edge.
      const limits = page => {
        const room = page.usual * 1.6;
        return {x: -room / 2, y: -room, w: page.width + room, h: page.height + room * 1.5};
      };

      // Pages and filters
      function listSources() {
        const counts = new Map();
        for (const page of pages) {
          const entry = counts.get(sourceOf(page)) || {pages: 0, words: 0};
          entry.pages += 1;
          entry.words += page.words.length;
          counts.set(sourceOf(page), entry);
        }
        for (const [name, entry] of [...counts].sort((a, b) => b[1].words - a[1].words)) {
          const label = html("label"), box = html("input", {type: "checkbox"});
          box.checked = true;
          box.dataset.source = name;
          box.addEventListener("change", refresh);
          label.append(box, ` ${name}: ${counted(entry.pages, "page")}, ${counted(entry.words, "word")}`);
          find("sources").append(label);
        }
      }
      function refresh() {
        const chosen = new Set([...find("sources").querySelectorAll("input:checked")].map(box => box.dataset.source));
        const kind = find("kind").value;
        listed = pages.filter(page => chosen.has(sourceOf(page)) && (kind === "all" || page.words.some(fits)));
        find("pages").replaceChildren(...listed.map(page => {
          const item = html("li"), button = html("button", {type: "button"}, page.name);
          button.append(html("small", {}, `${sourceOf(page)}, ${counted(page.words.filter(fits).length, "word")}`
            + (page.trouble ? ", no image" : "")));
          button.dataset.page = page.index;
          button.addEventListener("click", () => show(page.index));
          item.append(button);
          return item;
        }));
        find("pages-title").textContent = `Pages (${listed.length} of ${pages.length})`;
        search();
        const stays = listed.some(page => page.index === current);
        if (stays) draw(); else show(listed.length ? listed[0].index : -1);
      }
      function step(by) {
        const place = listed.findIndex(page => page.index === current);
        const next = listed[place + by];
        if (next) show(next.index);
      }

      // One page
      function show(index, keepsView) {
        current = index;
        const page = pages[index];
        if (page && !keepsView) view = limits(page);
        draw();
        for (const button of find("pages").querySelectorAll("button")) {
          const isCurrent = Number(button.dataset.page) === index;
          setCurrent(button, isCurrent);
          if (isCurrent) button.scrollIntoView({block: "nearest"});
        }
        try { history.replaceState(null, "", `#page-${index + 1}`); } catch { /* not allowed for some files */ }
      }
      function draw() {
        const page = pages[current];
        stage.replaceChildren();
        elements = [];
        if (!page) {
          find("status").textContent = "No page fits these filters.";
          find("transcript").textContent = "";
          return;
        }
        const data = find(`image-${page.index}`);
        stage.append(svg("rect", {width: page.width, height: page.height, fill: "#fff"}));
        if (data) {
          stage.append(svg("image", {
            width: page.width, height: page.height, preserveAspectRatio: "none",
            href: `data:${page.type};base64,${data.textContent}`}));
        }
        if (shown.order) stage.append(orderOf(page));
        for (const word of page.words) {
          const element = fits(word) ? drawn(page, word) : null;
          elements.push(element);
          if (element) stage.append(element);
        }
        mark();
        setView(view || limits(page));
        const visible = page.words.filter(fits);
        stage.setAttribute("aria-label", `${page.name}: ${counted(visible.length, "word")}`);
        find("status").textContent = `${page.name}: ${page.width} × ${page.height} pixels, ${counted(visible.length, "word")}`
          + (page.trouble ? `; ${page.trouble}` : "");
        transcribe(visible);
      }
      function drawn(page, word) {
        const group = svg("g", {class: word[READABLE] ? "word" : "word void"});
        const colour = word[shown.sure ? BYSURE : BYLINE];
        const sure = word[SURE] === null ? "" : ` (${(word[SURE] * 100).toFixed(1)} %)`;
        const line = word[LINE] === null ? "" : `, line ${word[LINE]}`;
        group.append(svg("title", {}, (word[TEXT] || "not read") + sure + line));
        group.append(svg("polygon", {points: word[SHAPE].join(" "), fill: colour, stroke: colour}));
        if (word[PLACE] && word[TEXT]) group.append(label(word, colour));
        return group;
      }
      function label(word, colour) {
        const [x, y, angle, size, length] = word[PLACE];
        const text = svg("text", {x, y, "font-size": size, "stroke-width": size / 5, fill: colour}, word[TEXT]);
        if (Math.abs(angle) > 0.05) text.setAttribute("transform", `rotate(${angle} ${x} ${y})`);
        if ([...word[TEXT]].length * size * 0.56 > length) {
          text.setAttribute("textLength", length);
          text.setAttribute("lengthAdjust", "spacingAndGlyphs");
        }
        return text;
      }
      function box(word) {
        const xs = word[SHAPE].filter((_, i) => i % 2 === 0), ys = word[SHAPE].filter((_, i) => i % 2);
        const x = Math.min(...xs), y = Math.min(...ys);
        return {x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y};
      }
      function orderOf(page) {
        const points = page.words.filter(fits).map(word => {
          const b = box(word);
          return `${b.x + b.w / 2},${b.y + b.h / 2}`;
        });
        return svg("polyline", {points: points.join(" ")});
      }
      function transcribe(words) {
        let text = "", line;
        for (const word of words) {
          text += text === "" ? "" : word[LINE] === line ? " " : "\n";
          text += word[TEXT];
          line = word[LINE];
        }
        find("transcript").textContent = text;
      }

      // Search
      const mostListed = 300;
      function search() {
        const wanted = query.value.trim().toLowerCase();
        hits = [];
        hit = -1;
        if (wanted) {
          for (const page of listed) {
            page.words.forEach((word, index) => {
              if (fits(word) && word[TEXT].toLowerCase().includes(wanted)) hits.push({page: page.index, word: index});
            });
          }
        }
        find("found").textContent = !wanted ? ""
          : hits.length === 0 ? "no word found"
          : `${counted(hits.length, "word")} on ${counted(new Set(hits.map(h => h.page)).size, "page")}`
            + (hits.length > mostListed ? `, the first ${mostListed} listed` : "");
        find("hits").replaceChildren(...hits.slice(0, mostListed).map((found, index) => {
          const page = pages[found.page], item = html("li");
          const button = html("button", {type: "button"}, page.words[found.word][TEXT]);
          button.append(html("small", {}, page.name));
          button.addEventListener("click", () => jump(index));
          item.append(button);
          return item;
        }));
        mark();
      }
      function jump(index) {
        if (!hits.length) return;
        hit = (index + hits.length) % hits.length;
        const found = hits[hit];
        const word = pages[found.page].words[found.word], b = box(word);
        const w = Math.max(b.w * 5, b.h * 14, 40), ratio = stage.clientHeight / Math.max(1, stage.clientWidth);
        view = {x: b.x + b.w / 2 - w / 2, y: b.y + b.h / 2 - w * ratio / 2, w, h: w * ratio};
        show(found.page, true);
        find("found").textContent = `${hit + 1} of ${hits.length}`;
        find("hits").querySelectorAll("button").forEach((button, i) => {
          setCurrent(button, i === hit);
          if (i === hit) button.scrollIntoView({block: "nearest"});
        });
      }
      function mark() {
        for (const element of elements) if (element) element.classList.remove("hit", "now");
        hits.forEach((found, index) => {
          if (found.page !== current) return;
          const element = elements[found.word];
          if (!element) return;
          element.classList.add("hit");
          if (index === hit) {
            element.classList.add("now");
            stage.append(element);
          }
        });
      }

      // Zoom and pan
      function setView(next) {
        const page = pages[current];
        const most = Math.max(page.width, page.height) * 4;
        if (next.w < 8 || next.w > most || next.h > most * 4) return;
        view = next;
        stage.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
      }
      function zoom(factor, x, y) {
        if (!view) return;
        if (x === undefined) { x = view.x + view.w / 2; y = view.y + view.h / 2; }
        setView({x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, w: view.w * factor, h: view.h * factor});
      }
      function move(x, y) {
        if (view) setView({x: view.x + x * view.w, y: view.y + y * view.h, w: view.w, h: view.h});
      }
      function place(event) {
        const matrix = stage.getScreenCTM();
        return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : null;
      }
      stage.addEventListener("wheel", event => {
        const point = place(event);
        if (!point) return;
        event.preventDefault();
        zoom(Math.exp(Math.sign(event.deltaY) * 0.18), point.x, point.y);
      }, {passive: false});
      const fingers = new Map();
      stage.addEventListener("pointerdown", event => {
        fingers.set(event.pointerId, event);
        stage.setPointerCapture(event.pointerId);
        stage.classList.add("drag");
      });
      stage.addEventListener("pointermove", event => {
        const before = fingers.get(event.pointerId);
        if (!before || !view) return;
        const others = [...fingers.values()].filter(other => other.pointerId !== event.pointerId);
        const from = place(before), to = place(event);
        fingers.set(event.pointerId, event);
        if (!from || !to) return;
        if (others.length === 0) {
          setView({x: view.x + from.x - to.x, y: view.y + from.y - to.y, w: view.w, h: view.h});
        } else {
          const still = place(others[0]);
          const apart = point => Math.max(1e-6, Math.hypot(point.x - still.x, point.y - still.y));
          zoom(apart(from) / apart(to), still.x, still.y);
        }
      });
      for (const name of ["pointerup", "pointercancel"]) {
        stage.addEventListener(name, event => {
          fingers.delete(event.pointerId);
          if (!fingers.size) stage.classList.remove("drag");
        });
      }

      // Commands, by button or key
      function toggle(name) {
        shown[name] = !shown[name];
        document.querySelector(`[data-act=${name}]`).setAttribute("aria-pressed", String(shown[name]));
        stage.classList.toggle("notexts", !shown.texts);
        stage.classList.toggle("noboxes", !shown.boxes);
        draw();
      }
      const acts = {
        previous: () => step(-1), next: () => step(1), in: () => zoom(0.7), out: () => zoom(1 / 0.7),
        fit: () => { if (pages[current]) setView(limits(pages[current])); },
        texts: () => toggle("texts"), boxes: () => toggle("boxes"), order: () => toggle("order"),
        sure: () => toggle("sure")};
      const keys = {
        "[": acts.previous, "]": acts.next, "+": acts.in, "=": acts.in, "-": acts.out, "0": acts.fit, t: acts.texts,
        b: acts.boxes, o: acts.order, c: acts.sure, n: () => jump(hit + 1), p: () => jump(hit - 1),
        "/": () => { query.focus(); query.select(); }};
      const stageKeys = {
        ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0), ArrowUp: () => move(0, -0.1),
        ArrowDown: () => move(0, 0.1), PageUp: acts.previous, PageDown: acts.next};
      find("tools").addEventListener("click", event => {
        const act = event.target.closest("[data-act]");
        if (act) acts[act.dataset.act]();
      });
      document.addEventListener("keydown", event => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.target === query) {
          if (event.key === "Enter") { event.preventDefault(); jump(hit + (event.shiftKey ? -1 : 1)); }
          if (event.key === "Escape") { query.value = ""; search(); stage.focus(); }
          return;
        }
        if (event.target.tagName === "SELECT") return;
        const act = keys[event.key] || (event.target === stage || event.target === document.body
          ? stageKeys[event.key] : undefined);
        if (act) { event.preventDefault(); act(); }
      });
      find("search").addEventListener("submit", event => event.preventDefault());
      query.addEventListener("input", search);
      find("kind").addEventListener("change", refresh);
      find("theme").addEventListener("click", () => {
        const root = document.documentElement;
        const isDark = root.dataset.theme ? root.dataset.theme === "dark"
          : matchMedia("(prefers-color-scheme:dark)").matches;
        root.dataset.theme = isDark ? "light" : "dark";
        find("theme").setAttribute("aria-pressed", String(!isDark));
      });

      const words = pages.reduce((sum, page) => sum + page.words.length, 0);
      const unread = pages.reduce((sum, page) => sum + page.words.filter(word => !word[READABLE]).length, 0);
      const note = JSON.parse(find("note").textContent);
      find("summary").textContent = `${counted(pages.length, "page")}, ${counted(words, "word")}`
        + (unread ? `, ${unread} of them unreadable` : "") + (note ? `. ${note}` : "");
      listSources();
      const asked = /^#page-(\d+)$/.exec(location.hash);
      refresh();
      if (asked && pages[asked[1] - 1]) show(asked[1] - 1);
    })();
    """#
}
