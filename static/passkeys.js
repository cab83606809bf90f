/* Asks the browser for a passkey before the form is sent, and sends what it answered. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const question = JSON.parse(
    document.getElementById("passkey-question").textContent,
  );
  const problem = document.querySelector("[data-passkey-problem]");

  const ask = async () => {
    const { credentials } = navigator;
    if (form.dataset.passkey === "create") {
      const publicKey =
        PublicKeyCredential.parseCreationOptionsFromJSON(question);
      return credentials.create({ publicKey });
    }
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(question);
    return credentials.get({ publicKey });
  };

  const say = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = false;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      say("This browser does not know passkeys. Use another way.");
      return;
    }
    try {
      const answer = await ask();
      form.elements.answer.value = JSON.stringify(answer.toJSON());
    } catch {
      say("No passkey answered. Try again, or use another way.");
      return;
    }
    form.submit();
  });
})();
