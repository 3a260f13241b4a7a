// What pages do besides what forms and links do by themselves. Without it everything works by its button.
(() => {
  'use strict';
  /** How long nothing is typed before a list follows, in milliseconds. */
  const WAIT_MS = 200;

  /** A list follows what is typed in its form: the part that the form names is taken from the page of the address. */
  for (const form of document.querySelectorAll('form[data-live]')) {
    let timer;
    let asked = 0;
    const follow = async () => {
      const number = ++asked;
      const fields = [...new FormData(form)].filter(([, value]) => value !== '');
      const address = `${form.getAttribute('action')}?${new URLSearchParams(fields)}`;
      let text;
      try {
        const answer = await fetch(address, { credentials: 'same-origin', redirect: 'manual' });
        // What is half typed may name nothing yet: the list stays as it is.
        if (answer.status === 400) return;
        if (!answer.ok) return location.assign(address);
        text = await answer.text();
      } catch {
        return;
      }
      // Of answers that overtake each other the last question counts.
      if (number !== asked) return;
      const found = new DOMParser().parseFromString(text, 'text/html').getElementById(form.dataset.live);
      const shown = document.getElementById(form.dataset.live);
      if (!found || !shown) return location.assign(address);
      shown.replaceWith(found);
      history.replaceState(null, '', address);
      const said = document.getElementById('said');
      const count = found.querySelector('[data-count]');
      if (said) said.textContent = count ? count.textContent : 'Nothing found';
    };
    form.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(follow, WAIT_MS);
    });
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
