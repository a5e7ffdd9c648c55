import { cutText, oneLine } from './words.ts'

const maxNameLength = 200

/** What reverses or hides part of a name on a screen: `scan\u202Efdp.exe`. */
const deceiving = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** A file's own name: no path in front (either slash), no control characters, not `.` or `..`; undefined if nothing is left. */
export function cleanFileName(text: string): string | undefined {
  const flat = oneLine(text.replace(deceiving, ''))
  const name = flat.slice(Math.max(flat.lastIndexOf('/'), flat.lastIndexOf('\\')) + 1).trim()
  if (name === '' || /^\.+$/.test(name)) return undefined
  return name.length <= maxNameLength ? name : shortened(name)
}

function shortened(name: string): string {
  const extension = extensionOf(name)
  if (extension === '' || extension.length > 10) return cutText(name, maxNameLength)
  return `${cutText(name, maxNameLength - extension.length - 1)}.${extension}`
}

/** The extension in lower case without its dot; empty if there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 1 || dot === name.length - 1 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Types that devices send, by extension. The first extension of a type is the one given to a part without a name. */
const types: readonly (readonly [type: string, ...extensions: string[]])[] = [
  ['application/pdf', 'pdf'],
  ['image/tiff', 'tif', 'tiff'],
  ['image/jpeg', 'jpg', 'jpeg', 'jpe', 'jfif'],
  ['image/png', 'png'],
  ['image/gif', 'gif'],
  ['image/bmp', 'bmp'],
  ['image/svg+xml', 'svg'],
  ['image/webp', 'webp'],
  ['application/vnd.ms-xpsdocument', 'xps'],
  ['application/oxps', 'oxps'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', 'pptx'],
  ['application/msword', 'doc'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.ms-powerpoint', 'ppt'],
  ['application/rtf', 'rtf'],
  ['application/zip', 'zip'],
  ['application/gzip', 'gz'],
  ['application/json', 'json'],
  ['application/xml', 'xml'],
  ['text/plain', 'txt', 'log'],
  ['text/csv', 'csv'],
  ['text/html', 'html', 'htm'],
  ['text/calendar', 'ics'],
  ['text/vcard', 'vcf'],
  ['audio/wav', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['video/mp4', 'mp4'],
  ['message/rfc822', 'eml'],
]

const typeByExtension = new Map(types.flatMap(([type, ...extensions]) => extensions.map((e) => [e, type])))
const extensionByType = new Map(types.map(([type, extension]) => [type, extension ?? '']))

/** Other spellings of those types. */
const spellings: Readonly<Record<string, string>> = {
  'application/x-pdf': 'application/pdf',
  'image/tif': 'image/tiff',
  'image/x-tiff': 'image/tiff',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'application/x-zip-compressed': 'application/zip',
  'text/xml': 'application/xml',
}

const telling = (type: string): boolean =>
  !/^(?:application\/(?:octet-stream|binary|unknown|x-unknown|download|force-download|x-download)|binary\/octet-stream)$/.test(
    type,
  )

/** The type to declare: a part's own, or by the extension where its own says nothing (`octet-stream-name`). */
export function declaredType(type: string, name: string | undefined): string {
  if (telling(type)) return spellings[type] ?? type
  return typeByExtension.get(extensionOf(name ?? '')) ?? 'application/octet-stream'
}

/** The extension for a part that has a type and no name. */
export const extensionFor = (type: string): string => extensionByType.get(spellings[type] ?? type) ?? 'bin'

/** The name, or `name-2.ext`, `name-3.ext` … if it is taken (case does not count); takes it. */
export function uniqueName(name: string, taken: Set<string>): string {
  const extension = extensionOf(name)
  const stem = extension === '' ? name : name.slice(0, -extension.length - 1)
  const suffix = extension === '' ? '' : name.slice(-extension.length - 1)
  let candidate = name
  for (let number = 2; taken.has(candidate.toLowerCase()); number++) candidate = `${stem}-${number}${suffix}`
  taken.add(candidate.toLowerCase())
  return candidate
}
