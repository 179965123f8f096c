import jsqr from 'jsqr';
import type { Page } from 'playwright-core';

/**
 * Reads a QR code anywhere in a picture with a decoder unrelated to our encoder. Undefined if it finds none.
 */
export async function readQrCode(page: Page, picture: Buffer): Promise<string | undefined> {
  const blank = await page.context().newPage();
  const { width, height, base64 } = await blank.evaluate(async (png) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
    canvas?.drawImage(image, 0, 0);
    const pixels = canvas?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
    let text = '';
    for (let at = 0; at < pixels.length; at += 0x8000) text += String.fromCharCode(...pixels.subarray(at, at + 0x8000));
    return { width: image.width, height: image.height, base64: btoa(text) };
  }, picture.toString('base64'));
  await blank.close();
  return jsqr.default(new Uint8ClampedArray(Buffer.from(base64, 'base64')), width, height)?.data;
}
