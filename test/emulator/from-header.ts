// Who a mail says it is from, as a service looks at it.
import { addressParser } from 'postal-mime'

/** Addresses of all From fields in the header, lower case; a group's members included. */
export function fromAddresses(raw: Buffer): string[] {
  const end = raw.indexOf('\r\n\r\n')
  const header = raw.toString('utf8', 0, end === -1 ? raw.length : end)
  const fields = header.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const values = fields.flatMap((field) => /^from[ \t]*:(.*)$/i.exec(field)?.[1] ?? [])
  return values
    .flatMap((value) => addressParser(value, { flatten: true }))
    .flatMap((one) => (one.address === undefined || one.address === '' ? [] : [one.address.toLowerCase()]))
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
