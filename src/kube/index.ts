// The door of kube/: object types, validation, defaulting and conversion of the Kubernetes API. Pure values.
export * from './types.ts';
