// Exchange's wording, as captured from smtp.office365.com and *.mail.protection.outlook.com in public bug reports
// (nodemailer#1557, PHPMailer#3035, email-oauth2-proxy#95, sasl-xoauth2#97 and #110) and from Microsoft's list of
// non-delivery reports (https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online).
import type { SmtpCapabilities } from './smtp-settings.ts'
import { plainTexts, type SmtpTexts } from './smtp-texts.ts'

/** `Wed, 9 Nov 2022 10:09:41 +0000`. */
function bannerDate(nowMs: number): string {
  return new Date(nowMs)
    .toUTCString()
    .replace(/ 0(\d) /, ' $1 ')
    .replace('GMT', '+0000')
}

/** `hostname` is the front end's own, as replies name it in brackets. */
export function exchangeTexts(hostname: string): SmtpTexts {
  return {
    ...plainTexts,
    banner: (_hostname, nowMs) =>
      `220 ${hostname} Microsoft ESMTP MAIL Service ready at ${bannerDate(nowMs)}`,
    hello: (_hostname, clientAddress) => `${hostname} Hello [${clientAddress}]`,
    tlsReady: '220 2.0.0 SMTP server ready',
    sender: '250 2.1.0 Sender OK',
    recipient: '250 2.1.5 Recipient OK',
    startContent: '354 Start mail input; end with <CRLF>.<CRLF>',
    chunk: (octets) => `250 2.6.0 CHUNK received OK, ${octets} octets`,
    queued: (id) => `250 2.0.0 OK <${id}@${hostname}> [Hostname=${hostname}]`,
    reset: '250 2.0.0 Resetting',
    noop: '250 2.0.0 OK',
    bye: '221 2.0.0 Service closing transmission channel',
    unknownCommand: '500 5.3.3 Unrecognized command',
    helloFirst: '503 5.5.2 Send hello first',
    nestedMail: '503 5.5.2 Sender already specified',
    needMail: '503 5.5.2 Need mail command',
    needRecipient: '503 5.5.2 Need rcpt command',
    authRequired: `530 5.7.57 Client not authenticated to send mail. [${hostname}]`,
    authInClear: '504 5.7.4 Unrecognized authentication type',
    tlsRequired: `451 5.7.3 STARTTLS is required to send mail [${hostname}]`,
    unknownMechanism: `504 5.7.4 Unrecognized authentication type [${hostname}]`,
    undecodable: '501 5.5.2 Cannot Base64-decode Client responses',
    undecodableToken: `501 5.5.124 Invalid XOAUTH2 auth data with [${hostname}]`,
    tooLarge: '552 5.3.4 Message size exceeds fixed maximum message size',
    tooManyRecipients: '452 4.5.3 Too many recipients',
    bareLineFeed:
      '550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA',
  }
}

/** SIZE is 150 MB. */
export const exchangeCapabilities: SmtpCapabilities = {
  size: 157_286_400,
  isEightBitMime: true,
  isSmtpUtf8: true,
  isPipelining: true,
  isDsn: true,
  isEnhancedStatusCodes: true,
  isChunking: true,
  isBinaryMime: true,
  auth: ['LOGIN', 'XOAUTH2'],
}
