// Standalone: what `sallyport up` serves: the objects of the embedded API server, or of files alone.
import type { Config } from '../config/index.ts';
import type { Logger } from '../observe/logger.ts';
import { ApiControl } from './api-control.ts';
import { FileControl } from './file-control.ts';
import { machineAddresses, ownListenersOf } from './own-listeners.ts';
import { Serving } from './serving.ts';

/** @throws {StorageError} the state of the API server cannot be used. */
export function createStandalone(config: Config, logger: Logger): Serving<ApiControl | FileControl> {
  const { address, port } = config.api;
  const ownListeners = ownListenersOf(config, machineAddresses(), [{ address, port, purpose: 'admin' }]);
  return new Serving({
    ...config,
    logger,
    createControl: (publish) =>
      port === 0
        ? new FileControl(config, logger, ownListeners, publish)
        : new ApiControl(config, logger, ownListeners, publish),
  });
}
