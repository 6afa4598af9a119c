import './main.css'
import ui from '@nuxt/ui/vue-plugin'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { registerIcons } from './icons'
import { router } from './router'

registerIcons()
createApp(App).use(createPinia()).use(router).use(ui).mount('#app')
