const nothing = () => () => null;

// The form of an operation starts out with the examples of its parameters. Those of
// optional ones don't go together, so they move to the text beside.
function withoutOptionalExamples(contract) {
  const shared = Object.values(contract.components.parameters);
  const own = Object.values(contract.paths).flatMap((path) => Object.values(path)).flatMap((operation) => operation.parameters ?? []);
  for (const parameter of [...shared, ...own]) {
    if (parameter.required || parameter.example === undefined) continue;
    parameter.description = `${parameter.description ?? ''}\n\nExample: \`${parameter.example}\``;
    delete parameter.example;
  }
  return contract;
}

async function render() {
  SwaggerUIBundle({
    spec: withoutOptionalExamples(await ask('/openapi.json')),
    dom_id: '#reference',
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    docExpansion: 'none',
    filter: true,
    showExtensions: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    // Scripts cannot send the login's cookie, so that a dialog would ask for it in vain.
    plugins: [() => ({ wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing } })],
  });
}

// Logging in gets a cookie, which the browser adds to every request from here on by
// itself. Scripts cannot read it.
const login = document.getElementById('login');
const logout = document.getElementById('logout');
const said = document.getElementById('said');

async function ask(path, options) {
  const response = await fetch(path, options);
  const document = await response.json();
  if (!response.ok) throw new Error(document.error.message);
  return document;
}

function show(user) {
  login.hidden = user !== '';
  logout.hidden = user === '';
  said.textContent = user && `Logged in as ${user}`;
}

async function greet() {
  const info = await ask('/api/info'); // which answers anybody, unlike user_info
  show(info.meta.remaining_seconds > 0 ? (await ask('/api/user_info')).user.name : '');
}

function attempt(action) {
  action().catch((error) => { said.textContent = error.message; });
}

login.addEventListener('submit', (event) => {
  event.preventDefault();
  const credentials = new TextEncoder().encode(`${login.elements.user.value}:${login.elements.password.value}`);
  attempt(async () => {
    await ask('/api/authentication', { headers: { Authorization: `Basic ${btoa(String.fromCharCode(...credentials))}` } });
    login.elements.password.value = '';
    await greet();
  });
});

logout.addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(async () => {
    await ask('/api/authentication', { method: 'DELETE' });
    await greet();
  });
});

attempt(render);
attempt(greet);
