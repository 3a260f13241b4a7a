// What pages do besides what forms and links do by themselves. Without it everything works by its button.
(() => {
  'use strict';
  /** How long nothing is typed before a list follows, in milliseconds. */
  const WAIT_MS = 200;
  /** The same before something is suggested: nothing waits for it, so it may come sooner. */
  const SUGGEST_WAIT_MS = 150;
  /** Where suggestions are asked for, in the application of this page. */
  const SUGGEST = document.currentScript.dataset.suggest;

  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  };

  /**
   * A field that suggests what may be meant: a combobox with a list below it. The focus stays in the field; what is
   * marked in the list is told by `aria-activedescendant`. Until something is chosen the field is what was typed.
   */
  const suggest = (field) => {
    const { suggest: of, many } = field.dataset;
    const list = document.createElement('ul');
    const said = document.createElement('p');
    let timer;
    let asked = 0;
    let found = [];
    let marked = -1;
    list.className = 'suggestions';
    list.hidden = true;
    set(list, { id: `${field.id}-suggestions`, role: 'listbox', 'aria-label': `Suggestions for ${field.labels[0].textContent}` });
    set(field, { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id });
    set(said, { role: 'status', class: 'sr' });
    field.after(list, said);

    const say = (text, look) => {
      said.className = look;
      said.textContent = text;
    };
    /** What another field of the form says, by the first of these names that it has. */
    const beside = (...names) => names.map((name) => field.form.elements[name]).find((other) => other)?.value ?? '';
    /** Of several with commas between them the last is being typed. */
    const begin = () => (many === undefined ? 0 : field.value.lastIndexOf(',') + 1);
    const typed = () => field.value.slice(begin()).trim();

    const close = () => {
      clearTimeout(timer);
      asked += 1;
      marked = -1;
      list.hidden = true;
      field.setAttribute('aria-expanded', 'false');
      field.removeAttribute('aria-activedescendant');
      // What was chosen stays named below the field.
      if (said.className !== 'hint') say('', 'sr');
    };
    const mark = (place) => {
      marked = place;
      [...list.children].forEach((option, at) => option.setAttribute('aria-selected', at === place));
      field.setAttribute('aria-activedescendant', list.children[place].id);
      list.children[place].scrollIntoView({ block: 'nearest' });
    };
    const name = ({ value, title, note }) => [title === value ? '' : title, note].filter((text) => text).join(', ');
    /** It is known what is meant: the page says it, and whatever follows the form follows. */
    const settle = (one) => {
      field.removeAttribute('data-half');
      say(name(one), name(one) ? 'hint' : 'sr');
      for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
    };
    const choose = (one) => {
      const before = field.value.slice(0, begin()).trim();
      field.value = `${before}${before && ' '}${one.value}${many === undefined ? '' : ', '}`;
      close();
      settle(one);
    };
    const option = (one, at) => {
      const item = document.createElement('li');
      set(item, { id: `${list.id}-${at}`, role: 'option', 'aria-selected': 'false' });
      const value = one.title === one.value ? '' : one.value;
      for (const [kind, text] of [['main', one.title], ['ref', value], ['quiet', one.note]]) {
        if (!text) continue;
        const part = document.createElement('bdi');
        part.className = kind;
        part.textContent = text;
        item.append(part, ' ');
      }
      return item;
    };
    const ask = async () => {
      const number = ++asked;
      const wanted = { of, q: typed(), site: beside('site', 'retailer'), application: beside('application') };
      let answer;
      try {
        const response = await fetch(`${SUGGEST}?${new URLSearchParams(wanted)}`, { redirect: 'manual' });
        answer = response.ok ? await response.json() : null;
      } catch {
        return;
      }
      // Of answers that overtake each other the last question counts.
      if (number !== asked) return;
      close();
      // Whoever is signed out meanwhile, or may not ask, types as before.
      if (!answer) return;
      found = answer;
      if (!found.length) return say('Nothing of that name that you see', 'hint');
      // Whoever has typed all of the only one there is needs no list, which would lie over what comes next.
      if (found.length === 1 && found[0].value === wanted.q) return settle(found[0]);
      list.replaceChildren(...found.map(option));
      list.hidden = false;
      field.setAttribute('aria-expanded', 'true');
      say(found.length === 1 ? '1 suggestion' : `${found.length} suggestions`, 'sr');
      list.scrollIntoView({ block: 'nearest' });
    };

    field.addEventListener('input', (event) => {
      // What was chosen is not asked about again.
      if (!event.isTrusted) return;
      say('', 'sr');
      close();
      field.toggleAttribute('data-half', field.value !== '');
      if (typed()) timer = setTimeout(ask, SUGGEST_WAIT_MS);
    });
    field.addEventListener('keydown', (event) => {
      const { key, isComposing } = event;
      const last = found.length - 1;
      if (isComposing) return;
      if (key === 'ArrowDown' || key === 'ArrowUp') {
        event.preventDefault();
        if (list.hidden) ask();
        else if (key === 'ArrowDown') mark(marked < last ? marked + 1 : 0);
        else mark(marked > 0 ? marked - 1 : last);
      } else if (key === 'Enter' && marked >= 0) {
        event.preventDefault();
        choose(found[marked]);
      } else if (key === 'Escape' || key === 'Tab' || key === 'Enter') {
        // Before the focus moves on: a list that scrolls would take it.
        close();
      }
    });
    field.addEventListener('blur', () => {
      close();
      field.removeAttribute('data-half');
    });
    // A press on the list leaves the focus in the field.
    list.addEventListener('mousedown', (event) => event.preventDefault());
    list.addEventListener('click', (event) => {
      const place = [...list.children].indexOf(event.target.closest('li'));
      if (place >= 0) choose(found[place]);
    });
  };
  const suggestIn = (part) => part.querySelectorAll('input[data-suggest]').forEach(suggest);
  suggestIn(document);

  /** A list follows what is typed in its form: the part that the form names is taken from the page of the address. */
  for (const form of document.querySelectorAll('form[data-live]')) {
    let timer;
    let asked = 0;
    const addressNow = () => {
      // An empty site says all of them, where none says the active one.
      const fields = [...new FormData(form)].filter(([name, value]) => value !== '' || name === 'site');
      return `${form.getAttribute('action')}?${new URLSearchParams(fields)}`;
    };
    let followed = addressNow();
    /** What is shown is not what was asked for: that must be seen, and heard once. */
    const note = document.createElement('p');
    note.className = 'error';
    note.setAttribute('role', 'alert');
    form.append(note);
    const say = (text) => {
      note.textContent = text;
      note.hidden = !text;
    };
    say('');
    const follow = async () => {
      const number = ++asked;
      const address = addressNow();
      // Half of a ref names nothing: the list follows what is chosen. The same list again would take the focus of
      // whoever has gone on to it.
      if (form.querySelector('[data-half]')) return;
      if (address === followed) return say('');
      const waiting = document.getElementById(form.dataset.live);
      waiting?.setAttribute('aria-busy', 'true');
      let text;
      try {
        const answer = await fetch(address, { credentials: 'same-origin', redirect: 'manual' });
        // What is half typed may name nothing yet: the list stays as it is.
        if (answer.status === 400) return say('');
        if (!answer.ok) return location.assign(address);
        text = await answer.text();
        say('');
      } catch {
        if (number === asked) say('There is no connection: what is shown is not what you asked for.');
        return;
      } finally {
        if (number === asked) waiting?.removeAttribute('aria-busy');
      }
      // Of answers that overtake each other the last question counts.
      if (number !== asked) return;
      const found = new DOMParser().parseFromString(text, 'text/html').getElementById(form.dataset.live);
      const shown = document.getElementById(form.dataset.live);
      if (!found || !shown) return location.assign(address);
      followed = address;
      shown.replaceWith(found);
      suggestIn(found);
      tickAll(found);
      history.replaceState(null, '', address);
      const said = document.getElementById('said');
      const count = found.querySelector('[data-count]');
      if (said) said.textContent = count ? count.textContent : 'Nothing found';
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(follow, WAIT_MS);
    };
    form.addEventListener('input', soon);
    form.addEventListener('change', soon);
  }

  /** Where there is room, the style shows what these hold: they are open, for whoever is told so. */
  if (matchMedia('(min-width: 48rem)').matches) for (const more of document.querySelectorAll('details.more')) more.open = true;

  /** Whoever names some means only these. */
  document.addEventListener('input', ({ target }) => {
    const choice = target.value && document.getElementById(target.dataset.chooses ?? '');
    if (choice) choice.checked = true;
  });

  /** What was done is said at the edge of the window, out of the way of what has the focus, and goes away by itself. */
  const TOAST_MS = 8000;
  for (const toast of document.querySelectorAll('[data-toast]')) {
    let timer;
    const gone = new AbortController();
    const remove = () => {
      clearTimeout(timer);
      gone.abort();
      toast.remove();
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (toast.matches(':hover, :focus-within') ? wait() : remove()), TOAST_MS);
    };
    const clear = () => {
      const focused = document.activeElement;
      if (!toast.isConnected || !focused || focused === document.body || toast.contains(focused)) return;
      const covers = () => {
        const [own, other] = [toast.getBoundingClientRect(), focused.getBoundingClientRect()];
        return own.top < other.bottom && other.top < own.bottom && own.left < other.right && other.left < own.right;
      };
      if (!covers()) return;
      toast.classList.toggle('below');
      // What is as high as the window is covered in both places.
      if (covers()) remove();
    };
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Close';
    close.addEventListener('click', () => {
      remove();
      document.getElementById('main')?.focus({ preventScroll: true });
    });
    toast.append(close);
    toast.classList.add('toast');
    for (const go of ['pointerleave', 'focusout']) toast.addEventListener(go, wait);
    document.addEventListener('focusin', clear, { signal: gone.signal });
    addEventListener('scroll', clear, { passive: true, signal: gone.signal });
    wait();
    // What stood there when the page came is often not read out; what comes later is.
    const said = toast.querySelector('p');
    setTimeout(() => said.replaceWith(said.cloneNode(true)), 100);
  }

  /** Boxes to tick: those with a part of a name, and how many are ticked. */
  for (const tool of document.querySelectorAll('[data-boxes]')) {
    const [field, count] = [tool.querySelector('input'), tool.querySelector('[role="status"]')];
    const boxes = [...document.getElementById(tool.dataset.boxes).querySelectorAll('input[type="checkbox"]')];
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      const shown = boxes.filter((box) => !box.parentElement.hidden).length;
      const some = shown === boxes.length ? '' : `, ${shown} shown`;
      count.textContent = `${ticked} of ${boxes.length} ticked${some}`;
    };
    const narrow = () => {
      const part = field.value.trim().toUpperCase();
      for (const box of boxes) box.parentElement.hidden = !box.value.toUpperCase().includes(part);
      for (const group of new Set(boxes.map((box) => box.closest('fieldset'))))
        group.hidden = !group.querySelector('.tick:not([hidden])');
      tell();
    };
    field.addEventListener('input', narrow);
    // Enter would send the form that the boxes are in.
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') event.preventDefault();
    });
    for (const box of boxes) box.addEventListener('change', tell);
    // A browser that comes back to the page puts ticks back without saying so.
    addEventListener('pageshow', narrow);
    tool.hidden = false;
    narrow();
  }

  /** What is wrong is found by whoever sent it: the first field that is marked has the focus. */
  document.querySelector('[aria-invalid="true"]')?.focus();

  /** All of a list can be ticked at once. */
  const tickAll = (part) => {
    for (const cell of part.querySelectorAll('th[data-tick-all]')) {
      const boxes = () => [...cell.closest('table').querySelectorAll('tbody input[type="checkbox"]')];
      const all = document.createElement('input');
      set(all, { type: 'checkbox', 'aria-label': 'Tick all of this page', autocomplete: 'off' });
      all.addEventListener('change', () => boxes().forEach((box) => (box.checked = all.checked)));
      cell.replaceChildren(all);
    }
  };
  tickAll(document);

  /**
   * Modules: a level ticks and unticks the boxes of its permissions at once, by the rule by which the form is read, so
   * that what is ticked is what is saved.
   */
  for (const part of document.querySelectorAll('[data-modules]')) {
    const container = document.getElementById(part.dataset.modules);
    const boxes = [...container.querySelectorAll('input[type="checkbox"]')];
    const selects = [...part.querySelectorAll('select')];
    /** What is ticked besides the levels: "as ticked below" brings it back. */
    let own;
    const all = (select) => select.dataset.all.split(' ');
    /** What becomes of what is ticked: see `Sent::wanted` of the handler, which says why in this order. */
    const wanted = () => {
      const held = new Set(own);
      const chosen = selects.filter((select) => select.value);
      for (const name of chosen.flatMap(all)) held.delete(name);
      for (const { value, dataset } of chosen)
        if (value !== 'none') for (const name of dataset[value === 'read' ? 'read' : 'all'].split(' ')) held.add(name);
      return held;
    };
    const differing = () => {
      const held = wanted();
      return boxes.filter((box) => box.checked !== held.has(box.value));
    };
    const keep = () => {
      own = boxes.filter((box) => box.checked).map((box) => box.value);
    };
    const tick = () => {
      for (const box of differing()) {
        box.checked = !box.checked;
        box.dispatchEvent(new Event('change'));
      }
    };
    const reset = (some) => {
      for (const select of some) select.value = '';
    };
    part.addEventListener('change', tick);
    container.addEventListener('change', ({ target }) => {
      // A box counts that is ticked by hand after its module was set, so that module is as ticked from now on.
      reset(selects.filter((select) => all(select).includes(target.value)));
      keep();
      // What only that module kept from another one is not taken away unseen.
      if (differing().length) reset(selects);
    });
    // A browser that comes back to the page puts back what was there, where it did not keep the page as a whole.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) return;
      keep();
      tick();
    });
    keep();
    tick();
  }

  /** What is shown once can be copied. */
  for (const field of document.querySelectorAll('input.secret[readonly]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Selected: copy it with the keyboard';
      }
    });
    field.after(button);
  }

  /** A form is sent once, however often its button is pressed. */
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
  // Back on a page that was kept, its forms can be sent again.
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  });
})();
