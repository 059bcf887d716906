// The browser itself sends the login's cookie, which scripts cannot read.
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  showExtensions: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
