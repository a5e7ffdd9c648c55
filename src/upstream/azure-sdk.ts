/**
 * The only door to Microsoft's packages: everybody else imports types alone, so that a box without an Azure way out
 * never loads them (86 MB of RSS unbundled) and the bundler can put them into a file of their own.
 */
export const emailSdk = () => import('@azure/communication-email')
export const identitySdk = () => import('@azure/identity')
export const pipelineSdk = () => import('@azure/core-rest-pipeline')
export const queueSdk = () => import('@azure/storage-queue')
