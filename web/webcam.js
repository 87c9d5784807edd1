// The camera of a computer: a live picture in a dialog, and a photo of it. A phone has its own camera for that.

import { element } from './format.js'

/** Quality of the photo as JPEG, 0 to 1. */
const QUALITY = 0.92

/** Size of the live picture that the camera is asked for. */
const SIZE_PIXELS = { width: { ideal: 1280 }, height: { ideal: 960 } }

/** What to do about each error of the camera. */
const REMEDIES = {
  NotAllowedError: 'This page may not use the camera. Allow it in the address bar of the browser, and try again.',
  NotFoundError: 'This computer has no camera.',
  NotReadableError: 'The camera is in use. Close the other program that uses it, and try again.'
}

/** Offers the camera, where there is one that this page may ask for: only over https, and on this computer itself. */
export async function startWebcam (button, use) {
  if (matchMedia('(pointer: coarse)').matches) return
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? []
  if (!devices.some(({ kind }) => kind === 'videoinput')) return
  button.hidden = false
  button.addEventListener('click', () => open(use))
}

/** Shows the dialog until a photo is taken or the dialog is closed. */
async function open (use) {
  const dialog = element('dialog', { className: 'webcam' })
  const video = element('video', { autoplay: true, muted: true, playsInline: true })
  video.setAttribute('aria-label', 'What the camera sees')
  const take = element('button', { type: 'button', textContent: 'Take the picture', disabled: true })
  const stop = element('button', { type: 'button', className: 'quiet', textContent: 'Stop' })
  const problem = element('p', { className: 'error', hidden: true })
  problem.setAttribute('role', 'alert')
  const actions = element('p', { className: 'actions' })
  actions.append(take, stop)
  dialog.append(element('h2', { id: 'webcam-title', textContent: 'Camera' }), video, problem, actions)
  dialog.setAttribute('aria-labelledby', 'webcam-title')
  let stream
  const end = () => stream?.getTracks().forEach(track => track.stop())
  dialog.addEventListener('close', () => {
    end()
    dialog.remove()
  })
  stop.addEventListener('click', () => dialog.close())
  take.addEventListener('click', () => {
    const canvas = element('canvas', { width: video.videoWidth, height: video.videoHeight })
    canvas.getContext('2d').drawImage(video, 0, 0)
    canvas.toBlob(blob => {
      dialog.close()
      use([new File([blob], `camera-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.jpg`, { type: 'image/jpeg' })])
    }, 'image/jpeg', QUALITY)
  })
  video.addEventListener('loadeddata', () => {
    take.disabled = false
    take.focus()
  })
  document.body.append(dialog)
  dialog.showModal()
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: SIZE_PIXELS })
    // The dialog may have been closed while the browser asked for leave.
    if (!dialog.isConnected) return end()
    video.srcObject = stream
  } catch (error) {
    video.hidden = true
    problem.hidden = false
    problem.textContent = REMEDIES[error.name] ?? `The camera does not work: ${error.message}`
  }
}
