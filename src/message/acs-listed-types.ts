/**
 * Types of files that the service says it takes (learn.microsoft.com, "Allowed attachment types for sending email in
 * Azure Communication Services"). Others may be taken too, and may be the reason of a 400.
 */
const listed: ReadonlySet<string> = new Set([
  ...['7z-compressed', 'rar-compressed', 'tar'].map((name) => `application/x-${name}`),
  ...['epub+zip', 'gzip', 'json', 'msword', 'ogg', 'onenote', 'pdf', 'rtf', 'xml', 'zip'].map(inApplication),
  ...['excel', 'fontobject', 'outlook', 'powerpoint', 'publisher'].map((name) =>
    inApplication(`vnd.ms-${name}`),
  ),
  ...[
    'excel.sheet.binary',
    'excel.sheet',
    'powerpoint.presentation',
    'powerpoint.slideshow',
    'word.document',
  ].map((name) => inApplication(`vnd.ms-${name}.macroenabled.12`)),
  ...[
    'presentationml.presentation',
    'presentationml.slideshow',
    'spreadsheetml.sheet',
    'wordprocessingml.document',
  ].map((name) => inApplication(`vnd.openxmlformats-officedocument.${name}`)),
  inApplication('vnd.visio'),
  ...['aac', 'midi', 'mpeg', 'ogg', 'opus', 'wav', 'webm', 'x-ms-wma'].map((name) => `audio/${name}`),
  ...['otf', 'ttf', 'woff', 'woff2'].map((name) => `font/${name}`),
  ...['bmp', 'gif', 'jpeg', 'png', 'svg+xml', 'tiff', 'vnd.microsoft.icon', 'webp'].map(
    (name) => `image/${name}`,
  ),
  ...['calendar', 'csv', 'plain', 'xml'].map((name) => `text/${name}`),
  ...['3gpp', '3gpp2', 'mp4', 'mpeg', 'ogg', 'webm', 'x-ms-wmv', 'x-msvideo'].map((name) => `video/${name}`),
])

function inApplication(name: string): string {
  return `application/${name}`
}

export const isListedType = (type: string): boolean => listed.has(type.toLowerCase())
