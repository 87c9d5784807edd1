/** A string as HTML text or as the value of a quoted attribute. */
export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** A whole HTML page around a body, in the style of `web/`. */
export function page (title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="assets/icon.svg">
<link rel="stylesheet" href="assets/style.css">
</head>
<body>
<nav><a href="./">Try it</a> <a href="docs">Docs</a> <a href="swagger">API</a> <a href="info">Info</a></nav>
<main>
${body}
</main>
</body>
</html>
`
}
