/**
 * Labels that mail uses and the WHATWG Encoding Standard does not know; everything else it lists is asked for as it is.
 * Japanese models are the reason for most of them.
 */
const aliases: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  shiftjis: 'shift_jis',
  'windows-932': 'shift_jis',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  eucjp: 'euc-jp',
  cp51932: 'euc-jp',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'latin-1': 'latin1',
}

const latin = 'windows-1252'
const decoders = new Map<string, TextDecoder | undefined>()
const maxRemembered = 100

function openDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(aliases[label] ?? label)
  } catch {
    return undefined
  }
}

/** The decoder of a label, remembered: a message chooses its labels, so only so many are. */
function decoderOf(label: string): TextDecoder | undefined {
  const folded = label.trim().toLowerCase()
  if (decoders.has(folded)) return decoders.get(folded)
  const decoder = openDecoder(folded)
  if (decoders.size < maxRemembered) decoders.set(folded, decoder)
  return decoder
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** The text if the octets are well-formed UTF-8. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(octets)
  } catch {
    return undefined
  }
}

/** Whether a label promises nothing: devices write `us-ascii` over whatever their panel speaks. */
const saysNothing = (label: string | undefined): boolean =>
  label === undefined || /^(?:|us-ascii|ascii|unknown|unknown-8bit|x-unknown|default)$/i.test(label.trim())

/**
 * Octets in charset `label` as text. Without a telling label UTF-8 is tried first, then `fallback`; where that is UTF-8
 * too (a device's default), what is no UTF-8 is Latin, as old panels write it. A label that nobody knows is read as Latin.
 * Never fails: octets that mean nothing become U+FFFD.
 */
export function decodeText(octets: Uint8Array, label: string | undefined, fallback = latin): string {
  if (label === undefined || saysNothing(label)) {
    const other = isUtf8(fallback) ? latin : fallback
    return decodeUtf8(octets) ?? (decoderOf(other) ?? new TextDecoder(latin)).decode(octets)
  }
  return (decoderOf(label) ?? new TextDecoder(latin)).decode(octets)
}

const isUtf8 = (label: string): boolean => /^utf-?8$/i.test(label.trim())

const bitEight = /[\u0080-\u00ff]/

/**
 * A header's raw value (one character per octet) as text: ASCII as it is, raw 8-bit as UTF-8 if it is that, else in the
 * device's charset (devices.md 2.4 `no-mime-version`).
 */
export function decodeRaw(raw: string, fallback = latin): string {
  return bitEight.test(raw) ? decodeText(Buffer.from(raw, 'latin1'), undefined, fallback) : raw
}
