/** 0x36 and 0x5c, 48 times for MD5 and 40 times for SHA-1 (RFC 6101 section 5.2.3.1). */
const lengths = { md5: 48, sha1: 40 } as const

export const pad1 = (name: keyof typeof lengths): Buffer => Buffer.alloc(lengths[name], 0x36)
export const pad2 = (name: keyof typeof lengths): Buffer => Buffer.alloc(lengths[name], 0x5c)
