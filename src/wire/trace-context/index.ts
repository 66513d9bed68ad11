// The door of trace-context/.
export * from './trace-context.ts';
