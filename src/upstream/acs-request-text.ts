import type { EmailClient, EmailMessage } from '@azure/communication-email'
import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import { keyPlaceholder } from './acs-credential.ts'
import { emailSdk, pipelineSdk } from './azure-sdk.ts'

/**
 * The JSON text that the SDK makes of a message, without a socket: size and hash of a request are those of the SDK's own
 * serialisation, whatever order it writes its keys in.
 */
export async function requestText(message: EmailMessage): Promise<string> {
  const { client, caught } = await catchingClient()
  await client.beginSend(message)
  const text = caught()
  if (text === undefined) throw new Error('the SDK made no request')
  return text
}

async function catchingClient(): Promise<{ client: EmailClient; caught: () => string | undefined }> {
  const [{ EmailClient }, { createHttpHeaders }] = await Promise.all([emailSdk(), pipelineSdk()])
  let text: string | undefined
  const policy: PipelinePolicy = {
    name: 'inkpostCatchRequest',
    sendRequest: async (request) => {
      if (typeof request.body === 'string') text = request.body
      const headers = createHttpHeaders({ 'content-type': 'application/json' })
      return { request, status: 200, headers, bodyAsText: '{"id":"none","status":"Succeeded"}' }
    },
  }
  const client = new EmailClient('https://nowhere.invalid', keyPlaceholder, {
    additionalPolicies: [{ policy, position: 'perRetry' }],
  })
  return { client, caught: () => text }
}
