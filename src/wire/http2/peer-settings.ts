// PeerSettings: what the other side has asked for in its SETTINGS (RFC 9113 6.5.2), as far as it means something here: how much may be sent
// before it says more, and how large its decoder's table is.
import {
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCodes,
  largestMaxFrameBytes,
  largestWindowBytes,
  settingIds,
} from './frame-types.ts';

const settingBytes = 6;

export class PeerSettings {
  initialWindowBytes = defaultWindowBytes;
  /** What the last frame said of the decoder's table: the smallest value and the last one; -1: nothing. */
  leastTableBytes = -1;
  tableBytes = -1;
  /** The largest window that the last frame asked for, at least the one that holds. */
  mostWindowBytes = defaultWindowBytes;

  /**
   * Takes the entries of one frame, whole ones. Of a setting that comes more than once the last value holds: in between nothing happens
   * that could tell. Returns the error code of the connection; 0: none.
   */
  take(bytes: Buffer, start: number, end: number): number {
    this.leastTableBytes = this.tableBytes = -1;
    this.mostWindowBytes = this.initialWindowBytes;
    for (let at = start; at < end; at += settingBytes) {
      const code = this.#takeOne(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
      if (code !== 0) return code;
    }
    return 0;
  }

  #takeOne(id: number, value: number): number {
    switch (id) {
      case settingIds.headerTableSize:
        this.leastTableBytes = this.leastTableBytes < 0 ? value : Math.min(this.leastTableBytes, value);
        this.tableBytes = value;
        return 0;
      case settingIds.enablePush:
        // Nothing is pushed, whatever it says.
        return value <= 1 ? 0 : errorCodes.protocol;
      case settingIds.initialWindowSize:
        if (value > largestWindowBytes) return errorCodes.flowControl;
        this.initialWindowBytes = value;
        this.mostWindowBytes = Math.max(this.mostWindowBytes, value);
        return 0;
      case settingIds.maxFrameSize:
        // Frames of ours are never larger than anybody takes.
        return value < defaultMaxFrameBytes || value > largestMaxFrameBytes ? errorCodes.protocol : 0;
      default:
        return 0;
    }
  }
}
