// The door of proxy-protocol/: headers of the PROXY protocol (HAProxy's specification, versions 1 and 2), read and written.
export type { ProxyEnd, ProxyHeader, ProxyReading, ProxyRefusal } from './header.ts';
export { maxProxyHeaderBytes, readProxyHeader } from './read.ts';
export { renderProxyV1, renderProxyV2 } from './render.ts';
