import { createHash } from 'node:crypto'

/** For a page that stands alone: its one style by hash (CSP level 3, section 6.7.2), and nothing else from anywhere. */
export const plainPagePolicy = (style: string): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** As text of an HTML element, or of an attribute's value. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
