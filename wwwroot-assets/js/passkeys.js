// Asks the browser for a passkey (https://www.w3.org/TR/webauthn-3/) and sends its answer with the form around the button. Nothing is kept here.
(() => {
  const OFFER_AGAIN = 4 * 60 * 1000; // A question is good for five minutes.

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : undefined);
  const decoded = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  // What older browsers lack: reading the question from JSON, and writing the answer as JSON.
  const questions = {
    create: (json) => window.PublicKeyCredential.parseCreationOptionsFromJSON?.(json)
      ?? { ...json, challenge: bytes(json.challenge), user: { ...json.user, id: bytes(json.user.id) }, excludeCredentials: decoded(json.excludeCredentials) },
    get: (json) => window.PublicKeyCredential.parseRequestOptionsFromJSON?.(json)
      ?? { ...json, challenge: bytes(json.challenge), allowCredentials: decoded(json.allowCredentials) },
  };
  function written(credential) {
    const { response } = credential;
    return {
      id: credential.id,
      rawId: credential.id,
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults?.() ?? {},
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
        transports: response.attestationObject ? (response.getTransports?.() ?? []) : undefined,
        authenticatorData: response.signature ? text(response.authenticatorData) : undefined,
        signature: text(response.signature),
        userHandle: text(response.userHandle),
      },
    };
  }

  class Refusal extends Error {}

  const sentences = {
    get: "No passkey was used. Your device may have none for this site, or the question was closed. Try again, or use another way.",
    create: "No passkey was made: the question was closed, or nobody answered it. Try again.",
    InvalidStateError: "This device already holds a passkey of your account. Choose another device, or use the one it has.",
    SecurityError: "Passkeys do not work at this address. Open KeyPortal by its name, over https.",
    NotSupportedError: "This device cannot make a passkey that asks for a PIN, a fingerprint or a face. Use another device.",
    unknown: "The browser could not use a passkey. Try again, or use another way.",
    none: "This browser does not know passkeys. Use another browser, or another way.",
    offline: "KeyPortal does not answer. Check your connection and try again.",
  };
  const sentenceFor = (error, act) =>
    error instanceof Refusal ? error.message
    : error.name === "NotAllowedError" ? sentences[act]
    : error.name === "ConstraintError" ? sentences.NotSupportedError
    : sentences[error.name] ?? sentences.unknown;

  customElements.define("kp-passkey", class extends HTMLElement {
    connectedCallback() {
      this.form = this.querySelector("form");
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.ask();
      });
      if ("autofill" in this.dataset) {
        this.offer();
      }
    }

    disconnectedCallback() {
      this.stop();
    }

    stop() {
      clearTimeout(this.again);
      this.asking?.abort();
    }

    // Answers a click.
    async ask() {
      const [message, button] = [this.querySelector("[role=alert]"), this.querySelector("button")];
      message.hidden = true;
      button.disabled = true;
      clearTimeout(this.again);
      try {
        if (!window.PublicKeyCredential || !navigator.credentials) {
          throw new Refusal(sentences.none);
        }
        await this.answer();
      } catch (error) {
        if (error.name === "AbortError") {
          return;
        }
        message.textContent = sentenceFor(error, this.dataset.act);
        message.hidden = false;
      } finally {
        button.disabled = false;
      }
    }

    // Puts passkeys into the list that the browser opens at the e-mail field. Whatever goes wrong, nobody asked: nothing is said.
    async offer() {
      try {
        if (await window.PublicKeyCredential?.isConditionalMediationAvailable?.()) {
          this.again = setTimeout(() => this.offer(), OFFER_AGAIN);
          await this.answer("conditional");
        }
      } catch { /* The button is there. */ }
    }

    async answer(mediation) {
      this.asking?.abort();
      const { signal } = (this.asking = new AbortController());
      const question = await this.question(signal);
      const { act } = this.dataset;
      const credential = await navigator.credentials[act]({ publicKey: questions[act](question), mediation, signal });
      this.form.elements.answer.value = JSON.stringify(written(credential));
      this.stop();
      this.form.submit();
    }

    async question(signal) {
      const body = new URLSearchParams({ __RequestVerificationToken: this.form.elements.__RequestVerificationToken.value });
      const answer = await fetch(this.dataset.options, { method: "POST", body, signal }).catch((error) => {
        throw error.name === "AbortError" ? error : new Refusal(sentences.offline);
      });
      if (!answer.ok) {
        throw new Refusal(answer.headers.get("content-type")?.startsWith("text/plain") ? await answer.text() : sentences.offline);
      }
      return await answer.json();
    }
  });
})();
