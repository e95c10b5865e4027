const { marked } = globalThis

globalThis.render = (markdown) => marked.parse(markdown)
