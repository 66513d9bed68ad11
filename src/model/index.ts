// The door of model/: the routing table's types, shared by the control plane and the data plane.
export * from './arrival-settings.ts';
export * from './balancing.ts';
export * from './certificate.ts';
export * from './challenge.ts';
export * from './client-auth.ts';
export * from './credentials.ts';
export * from './object-ref.ts';
export * from './problem.ts';
export * from './proxy-settings.ts';
export * from './route.ts';
export * from './route-table.ts';
export * from './text-template.ts';
export * from './tls-settings.ts';
export * from './traffic-settings.ts';
export * from './upstream-transport.ts';
export * from './stream.ts';
export * from './upstream.ts';
