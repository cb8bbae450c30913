import { words } from "./words.js";

/**
 * Keeps the site on the device and tells so; offers to install it, and a new version of it.
 *
 * @param {object} places
 * @param {HTMLElement} places.badge shown while there is no network
 * @param {HTMLElement} places.hint says that the page works without a network
 * @param {HTMLButtonElement} places.install
 * @param {HTMLButtonElement} places.update
 */
export function keepForOffline({ badge, hint, install, update }) {
  showNetwork(badge);
  offerInstallation(install);
  // Without https (but for this machine itself) a browser keeps no site.
  if (!("serviceWorker" in navigator)) return;
  const hadOne = navigator.serviceWorker.controller !== null;
  say(hint, hadOne ? "worksOffline" : "storing");
  navigator.serviceWorker.ready.then(() => say(hint, "worksOffline"));
  navigator.serviceWorker
    .register("service-worker.js")
    .then((registration) => {
      offerUpdate(registration, update);
      registration.installing?.addEventListener("statechange", ({ target }) => {
        if (target.state === "redundant" && !hadOne) say(hint, null); // a file could not be stored
      });
      // Left to itself, a browser looks for a new version at a time of its own choice.
      if (hadOne) registration.update().catch(() => {});
    })
    .catch(() => navigator.serviceWorker.controller || say(hint, null));
  if (!hadOne) return;
  // Another page may have asked for the new version: all pages then change to it.
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
}

function showNetwork(badge) {
  say(badge, "offline");
  const show = () => (badge.hidden = navigator.onLine);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

function offerInstallation(button) {
  say(button, "install");
  button.hidden = true;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    button.onclick = () => event.prompt();
  });
  addEventListener("appinstalled", () => (button.hidden = true));
}

/** Shows the button as soon as a new version is stored beside the one in use. */
function offerUpdate(registration, button) {
  const offer = () => {
    if (!registration.waiting || !registration.active) return;
    say(button, "update");
    button.onclick = () => registration.waiting.postMessage("take over");
  };
  const watch = (worker) => worker?.addEventListener("statechange", offer);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  watch(registration.installing);
  offer();
}

function say(place, name) {
  place.hidden = name === null;
  if (name === null) return;
  place.dataset.text = name;
  place.textContent = words(name);
}
