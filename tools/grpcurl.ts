import { ensureGoTool, findGoTool } from './go-tool.ts';

/** Finds grpcurl, or builds it where Go is installed. */
export const ensureGrpcurl = () => ensureGoTool('grpcurl');

/** The path of grpcurl; undefined where it was not found, and never builds it. */
export const findGrpcurl = () => findGoTool('grpcurl');
