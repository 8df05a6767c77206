// Finding a shop: "near me" and "are you here?". Without this script the search by words does all.
(() => {
  "use strict";
  const ask = (button, found, refused) => {
    const idle = button.innerHTML;
    button.disabled = true;
    button.textContent = button.dataset.waiting;
    const again = () => {
      button.innerHTML = idle;
      button.disabled = false;
    };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { again(); found(coords); },
      () => { again(); refused(); },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
    );
  };

  // The position is sent in a form and not in the address, so that no history and no log keeps it.
  const near = document.querySelector("[data-near]");
  if (near && navigator.geolocation) {
    const form = near.closest("form");
    const field = form.querySelector("[data-near-field]");
    const refused = form.querySelector("[data-near-refused]");
    near.hidden = false;
    form.querySelector("[data-near-note]").hidden = false;
    near.addEventListener("click", () => {
      refused.hidden = true;
      ask(near, ({ latitude, longitude }) => {
        field.value = `${latitude.toFixed(4)},${longitude.toFixed(4)}`;
        form.querySelector("[name=q]").value = "";
        form.method = "post";
        form.submit();
      }, () => { refused.hidden = false; });
    });
    // Another filter keeps where one is; words are searched everywhere.
    form.addEventListener("submit", () => {
      if (form.querySelector("[name=q]").value.trim()) field.value = "";
      form.method = field.value ? "post" : "get";
      if (!field.value) field.disabled = true;
    });
  }

  // How far the shop is from here is worked out on this device: nothing is sent.
  const here = document.querySelector("[data-here]");
  if (here && navigator.geolocation) {
    const said = here.querySelector("[data-here-said]");
    const radians = (degrees) => degrees * Math.PI / 180;
    const metres = (lat, lon) => {
      const [a, b] = [radians(lat), radians(Number(here.dataset.lat))];
      const h = Math.sin((b - a) / 2) ** 2
        + Math.cos(a) * Math.cos(b) * Math.sin(radians(Number(here.dataset.lon) - lon) / 2) ** 2;
      return 2 * 6371008.8 * Math.asin(Math.min(1, Math.sqrt(h)));
    };
    here.hidden = false;
    const button = here.querySelector("[data-here-ask]");
    button.addEventListener("click", () => ask(button, ({ latitude, longitude, accuracy }) => {
      const far = metres(latitude, longitude);
      const sure = 150 + Math.min(accuracy || 0, 500);
      const { at, metres: some, kilometres } = said.dataset;
      said.textContent = far <= sure ? at
        : far < 950 ? some.replace("%n%", String(Math.round(far / 10) * 10))
          : kilometres.replace("%n%", far < 9950 ? (far / 1000).toFixed(1) : String(Math.round(far / 1000)));
      said.className = far <= sure ? "standing ok" : "standing warn";
    }, () => {
      said.textContent = said.dataset.refused;
      said.className = "standing warn";
    }));
  }
})();
