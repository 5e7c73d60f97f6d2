// The description of the HTTP interface, shown by Swagger UI, whose files this server holds.

const script = document.createElement("script");
script.src = new URL("swagger-ui-bundle.js", import.meta.url).href;
script.addEventListener("load", () => {
  globalThis.SwaggerUIBundle({
    url: new URL("../openapi.json", import.meta.url).href,
    dom_id: "#viewer",
    deepLinking: false,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
script.addEventListener("error", () => {
  document.getElementById("viewer").textContent = "The viewer is not installed on this server: pip install fastapi-offline";
});
document.head.append(script);
